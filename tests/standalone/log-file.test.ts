import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { startChild } from '../process/child.ts'
import { sourceProps, workerProps } from '../process/file-copy.ts'
import { connectStandaloneScript } from '../process/isthmus.ts'
import { writeProperties } from '../process/properties-file.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'

describe('the log of a worker, in the folder of the scripts', () => {
  let brokerDir: TempDir
  let broker: Awaited<ReturnType<typeof openBroker>>
  before(async () => {
    brokerDir = await openTempDir()
    broker = await openBroker({ dataDir: brokerDir.at('broker') })
  })
  after(async () => {
    await broker[Symbol.asyncDispose]()
    await brokerDir[Symbol.asyncDispose]()
  })

  /** As a user starts it, for whom nothing says where the log is to be. */
  const startWorker = (files: readonly string[], env: { readonly [name: string]: string }) =>
    startChild('env', ['-u', 'ISTHMUS_LOG_FILE', connectStandaloneScript, ...files], { env })
  const filesOf = async (dir: TempDir, more = {}) => {
    await writeFile(dir.at('in.txt'), 'one\n')
    return [
      await writeProperties(dir.at('worker.properties'), {
        ...workerProps(broker.bootstrapServers, dir.at('offsets')),
        listeners: 'http://127.0.0.1:0',
        ...more,
      }),
      await writeProperties(dir.at('source.properties'), sourceProps('log-lines', dir.at('in.txt'))),
    ]
  }
  const logIn = (dir: TempDir) => readFile(dir.at('logs/connect.log'), 'utf8')

  test('is in connect.log what it is on the terminal, from the first line to the last', async () => {
    await using dir = await openTempDir()
    await using child = startWorker(await filesOf(dir), { LOG_DIR: dir.at('logs') })
    await child.printed('Created connector')
    child.kill('SIGTERM')
    assert.equal(await child.ended, 0)
    assert.equal(await logIn(dir), child.output())
    assert.match(child.output(), /initializing.*Kafka Connect stopped \([\w.]*\)\n$/s)
    assert.deepEqual(await readdir(dir.at('logs')), ['connect.log'])
  })

  test('has the reason for which a worker ended, behind what earlier starts have left', async () => {
    await using dir = await openTempDir()
    await mkdir(dir.at('logs'))
    await writeFile(dir.at('logs/connect.log'), 'earlier\n')
    const files = await filesOf(dir, { 'value.converter': 'com.example.None' })
    await using child = startWorker(files, { LOG_DIR: dir.at('logs') })
    assert.equal(await child.ended, 2)
    assert.equal(await logIn(dir), `earlier\n${child.output()}`)
    assert.match(child.output(), /com\.example\.None.*\n$/)
  })

  test('does without a folder that cannot be written, and says so once', async () => {
    await using dir = await openTempDir()
    await writeFile(dir.at('logs'), '')
    await using child = startWorker(await filesOf(dir), { LOG_DIR: dir.at('logs') })
    await child.printed('Created connector')
    child.kill('SIGTERM')
    assert.equal(await child.ended, 0)
    assert.equal(child.output().match(/ WARN .*connect\.log, and goes on without that file/g)?.length, 1)
  })

  test('is on the terminal alone where ISTHMUS_LOG_FILE is empty', async () => {
    await using dir = await openTempDir()
    const env = { LOG_DIR: dir.at('logs'), ISTHMUS_LOG_FILE: '' }
    await using child = startChild(connectStandaloneScript, await filesOf(dir), { env })
    await child.printed('Created connector')
    child.kill('SIGTERM')
    assert.equal(await child.ended, 0)
    await assert.rejects(logIn(dir), { code: 'ENOENT' })
  })
})
