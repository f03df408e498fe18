import assert from 'node:assert/strict'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { newTopic, sinkProps, sourceProps, workerProps } from '../process/file-copy.ts'
import { type BrokerProcess, isthmusStandalone, openBrokerProcess } from '../process/isthmus.ts'
import { holdsExactly, linesOf, sizeOf, textOf } from '../process/lines.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'

const apache = process.env['ISTHMUS_KAFKA']

describe('a file is copied through the embedded broker', () => {
  let dir: TempDir
  let broker: BrokerProcess
  before(async () => {
    dir = await openTempDir()
    broker = await openBrokerProcess(dir.at('broker'))
  })
  after(async () => {
    await broker[Symbol.asyncDispose]()
    await dir[Symbol.asyncDispose]()
  })
  copies(() => broker.bootstrapServers)
})

describe('a file is copied through Apache Kafka', { skip: apache === undefined && 'no Apache Kafka' }, () => {
  copies(() => apache!)
})

function copies(bootstrapServers: () => string): void {
  const copy = async (dir: TempDir, more: { worker?: Props; source?: Props; sink?: Props } = {}) => {
    const topic = newTopic()
    return await isthmusStandalone({
      dir: dir.path,
      worker: workerProps(bootstrapServers(), dir.at('offsets'), more.worker),
      connectors: [
        sourceProps(topic, dir.at('input'), more.source),
        sinkProps(topic, dir.at('output'), more.sink),
      ],
    })
  }

  test('line for line, and lines appended later', async () => {
    await using dir = await openTempDir()
    const lines = linesOf(20_000)
    await writeFile(dir.at('input'), textOf(lines))
    await using _worker = await copy(dir)
    await holdsExactly(dir.at('output'), lines)
    const more = linesOf(5, 20_000)
    for (const line of more) await appendFile(dir.at('input'), `${line}\n`)
    await holdsExactly(dir.at('output'), [...lines, ...more])
  })

  test('while it is being written, in pieces that end anywhere', async () => {
    await using dir = await openTempDir()
    await using _worker = await copy(dir)
    const lines = linesOf(3000)
    const bytes = Buffer.from(textOf(lines))
    for (let at = 0; at < bytes.length; at += 7777)
      await appendFile(dir.at('input'), bytes.subarray(at, at + 7777))
    await holdsExactly(dir.at('output'), lines)
  })

  test('as JSON with schemas and without', async () => {
    const converter = 'org.apache.kafka.connect.json.JsonConverter'
    for (const schemas of ['true', 'false']) {
      await using dir = await openTempDir()
      const lines = ['plain', '"quoted" \\ back', 'tab\there', '', 'häßlich ✓ 🚢', '{"json": [1, null]}']
      await writeFile(dir.at('input'), textOf(lines))
      await using _worker = await copy(dir, {
        worker: { 'value.converter': converter, 'value.converter.schemas.enable': schemas },
      })
      await holdsExactly(dir.at('output'), lines)
    }
  })

  test('an empty file gives nothing, until something is appended', async () => {
    await using dir = await openTempDir()
    await writeFile(dir.at('input'), '')
    await using worker = await copy(dir)
    await worker.printed('Created connector', 30_000)
    assert.equal(await sizeOf(dir.at('output')), 0)
    await appendFile(dir.at('input'), 'first\n')
    await holdsExactly(dir.at('output'), ['first'])
  })

  test('a line of 10 MB, where broker and producer allow it', async () => {
    await using dir = await openTempDir()
    const lines = ['before', `${'0123456789abcdef'.repeat(655_360)}!`, 'after']
    await writeFile(dir.at('input'), textOf(lines))
    await using _worker = await copy(dir, {
      worker: { 'producer.max.request.size': '20971520' },
      source: {
        'topic.creation.default.partitions': '1',
        'topic.creation.default.replication.factor': '1',
        'topic.creation.default.max.message.bytes': '20971520',
      },
    })
    await holdsExactly(dir.at('output'), lines)
  })

  test('bytes that are no UTF-8 arrive as the replacement character, and the lines around them whole', async () => {
    await using dir = await openTempDir()
    await writeFile(dir.at('input'), Buffer.from('before\nbad \xff\xfe bytes\nafter\n', 'latin1'))
    await using _worker = await copy(dir)
    const wanted = 'before\nbad \ufffd\ufffd bytes\nafter\n'
    await eventually(
      'the lines arrive',
      async () => (await sizeOf(dir.at('output'))) >= Buffer.byteLength(wanted),
    )
    assert.equal(await readFile(dir.at('output'), 'utf8'), wanted)
  })

  test('a worker that was stopped continues where it was, with no line twice', async () => {
    await using dir = await openTempDir()
    const lines = linesOf(30_000)
    await writeFile(dir.at('input'), textOf(lines.slice(0, 10_000)))
    const topic = newTopic()
    for (const reach of [10_000, 20_000, 30_000]) {
      await using worker = await isthmusStandalone({
        dir: dir.path,
        worker: workerProps(bootstrapServers(), dir.at('offsets')),
        connectors: [sourceProps(topic, dir.at('input')), sinkProps(topic, dir.at('output'))],
      })
      await holdsExactly(dir.at('output'), lines.slice(0, reach))
      if (reach < 30_000) await appendFile(dir.at('input'), textOf(lines.slice(reach, reach + 10_000)))
      worker.kill('SIGTERM')
      assert.equal(await worker.ended, 0, worker.output())
    }
  })
}

type Props = { readonly [name: string]: string }
