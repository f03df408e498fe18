import assert from 'node:assert/strict'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openBroker } from '@isthmus/broker'
import { openClient } from '@isthmus/client'
import { eventually } from '../process/eventually.ts'
import { newTopic, sinkProps, sourceProps, workerProps } from '../process/file-copy.ts'
import { isthmusStandalone } from '../process/isthmus.ts'
import { holdsExactly, linesOf, textOf } from '../process/lines.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { openRestWorker } from '../rest/worker.ts'

const plugins = fileURLToPath(new URL('plugins', import.meta.url))

describe('variables in a worker file', () => {
  test('stand for what providers say, in every property, before anything uses it; connectors too', async () => {
    await using dir = await openTempDir()
    await using broker = await openBroker({ dataDir: dir.at('broker') })
    const topic = newTopic()
    const lines = linesOf(100)
    await writeFile(dir.at('in.txt'), textOf(lines))
    await writeFile(dir.at('all.properties'), `servers=${broker.bootstrapServers}\nname=offsets\n`)
    await writeFile(dir.at('vault.json'), JSON.stringify({ input: dir.at('in.txt') }))
    await using worker = await isthmusStandalone({
      dir: dir.path,
      env: { CONVERTER: 'StringConverter' },
      worker: {
        ...workerProps(
          `\${file:${dir.at('all.properties')}:servers}`,
          `${dir.path}/\${file:${dir.at('all.properties')}:name}`,
        ),
        'value.converter': `org.apache.kafka.connect.storage.\${env:CONVERTER}`,
        'plugin.path': plugins,
        'config.providers': 'file, env,vault',
        'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
        'config.providers.env.class': 'EnvVar',
        'config.providers.vault.class': 'test.VaultConfigProvider',
      },
      connectors: [
        sourceProps(topic, `\${vault:${dir.at('vault.json')}:input}`),
        sinkProps(topic, dir.at('out.txt')),
      ],
    })
    await worker.printed('Kafka Connect started')
    await holdsExactly(dir.at('out.txt'), lines)
    await eventually('offsets are where the variable says', () =>
      readFile(dir.at('offsets')).catch(() => null),
    )
  })

  test('that nobody can look up end the start, with the file that cannot be read', async () => {
    await using dir = await openTempDir()
    for (const [more, message] of [
      [{ 'config.providers.file.class': 'File' }, `Could not read properties from file ${dir.at('absent')}`],
      [{ 'config.providers.file.class': 'com.example.None' }, 'Class com.example.None could not be found'],
      [{}, 'Missing required configuration "config.providers.file.class"'],
    ] as const) {
      await using worker = await isthmusStandalone({
        dir: dir.path,
        worker: {
          ...workerProps(`\${file:${dir.at('absent')}:servers}`, dir.at('offsets')),
          'config.providers': 'file',
          ...more,
        },
        connectors: [],
      })
      assert.equal(await worker.ended, 2, worker.output())
      assert.ok(worker.output().includes(message), worker.output())
    }
  })
})

describe('variables whose values hold for a while', () => {
  async function openVault(ttlMs: number) {
    const worker = await openRestWorker({
      'plugin.path': plugins,
      'config.providers': 'vault',
      'config.providers.vault.class': 'test.VaultConfigProvider',
      'config.providers.vault.param.ttl': String(ttlMs),
    })
    const client = openClient({ url: worker.url })
    await client.setLevel('root', 'INFO')
    const vault = worker.dir.at('vault.json')
    // in one step: who looks up meanwhile finds the old file or the new one
    const url = async (value: string) => {
      await writeFile(`${vault}.new`, JSON.stringify({ url: value }))
      await rename(`${vault}.new`, vault)
    }
    const asked = async () =>
      (await readFile(`${vault}.asked`, 'utf8').catch(() => '')).split('\n').length - 1
    const config = { 'connector.class': 'test.LeakySource', url: `\${vault:${vault}:url}` }
    return { worker, client, url, asked, config }
  }
  /** How often a connector's task has opened. */
  const opened = (lines: readonly string[], name: string) =>
    lines.filter((line) => line.includes(`[${name}|task-0] opened with`)).length
  const started = (lines: readonly string[], name: string) =>
    lines.filter((line) => line.includes(`[${name}|worker] about to start`)).length

  test('a value that changed starts the connector and its tasks anew, one that did not starts nothing', async () => {
    const { worker, client, url, asked, config } = await openVault(100)
    await using _ = worker
    // of a length by which they are known in what the connector makes of them: its task configs stay the same
    await url('first-value')
    await client.put('watched', config)
    const counts = () => [started(worker.lines, 'watched'), opened(worker.lines, 'watched')]
    await eventually('the task runs', () => opened(worker.lines, 'watched') === 1)
    const before = await asked()
    await eventually('it was looked up again', async () => (await asked()) >= before + 3)
    assert.deepEqual(counts(), [1, 1])
    await url('other-value')
    await eventually('both start anew', () => counts().every((count) => count >= 2))
    const again = await asked()
    await eventually('the new value is watched too', async () => (await asked()) >= again + 3)
    assert.deepEqual(counts(), [2, 2])
    await client.delete('watched')
    // one look-up may be under way
    const end = await asked()
    await client.put('other', { ...config, 'config.action.reload': 'none' })
    await eventually('the task runs', () => opened(worker.lines, 'other') === 1)
    assert.ok((await asked()) <= end + 6, 'what is gone or not to be reloaded is not watched')
  })

  test('a value that changes during a pause is there when the connector is resumed', async () => {
    const { worker, client, url, config } = await openVault(100)
    await using _ = worker
    await url('first-value')
    await client.put('resting', config)
    await eventually('the task runs', () => opened(worker.lines, 'resting') === 1)
    await client.pause('resting')
    await eventually('it is paused', async () => {
      const { connector, tasks } = await client.status('resting')
      return connector.state === 'PAUSED' && tasks[0]?.state === 'PAUSED'
    })
    await url('other-value')
    await client.resume('resting')
    await eventually('the task has the new value', () => opened(worker.lines, 'resting') === 2)
    await eventually('it runs', async () => (await client.status('resting')).tasks[0]?.state === 'RUNNING')
    await client.pause('resting')
    await client.resume('resting')
    await eventually('the connector starts again', () => started(worker.lines, 'resting') === 3)
    await eventually('it runs', async () => (await client.status('resting')).tasks[0]?.state === 'RUNNING')
    assert.equal(opened(worker.lines, 'resting'), 2)
  })

  test('a connector that failed for a wrong value starts when the right one is there', async () => {
    const { worker, client, url, config } = await openVault(100)
    await using _ = worker
    await url('connector')
    const failing = { ...config, fault: config.url, url: 'x' }
    await client.put('wrong', failing).catch(() => null)
    await eventually('it failed', async () => (await client.status('wrong')).connector.state === 'FAILED')
    await url('none')
    await eventually('it runs', async () => {
      const { connector, tasks } = await client.status('wrong')
      return connector.state === 'RUNNING' && tasks[0]?.state === 'RUNNING'
    })
  })
})
