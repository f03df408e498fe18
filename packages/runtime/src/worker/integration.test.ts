import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Broker, openBroker } from '@isthmus/broker'
import { until } from '../testing/until.ts'
import { openStandalone, type Standalone } from './standalone.ts'

// whole workers with their threads, real files and a real client, against our broker, and Apache Kafka where there is one
const APACHE = process.env['ISTHMUS_KAFKA']

interface Place extends AsyncDisposable {
  readonly folder: string
  open(bootstrap: string, props?: { readonly [name: string]: string }): Promise<Standalone>
}

async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-integration-'))
  return {
    folder,
    open: (bootstrap, props = {}) =>
      openStandalone({
        props: {
          'bootstrap.servers': bootstrap,
          'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
          'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
          'offset.storage.file.filename': join(folder, 'offsets'),
          'offset.flush.interval.ms': '100',
          ...props,
        },
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, maxRetries: 5 }),
  }
}

const broker = (folder: string, port = 0): Promise<Broker> =>
  openBroker({
    dataDir: join(folder, 'broker'),
    port,
    properties: { 'group.initial.rebalance.delay.ms': '0' },
  })
const text = (path: string) => readFile(path, 'utf8').catch(() => '')
const linesOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i} ä€😀\n`).join('')

async function startCopy(worker: Standalone, folder: string, topic: string): Promise<void> {
  await worker.herder.put('in', {
    'connector.class': 'FileStreamSource',
    file: join(folder, 'in.txt'),
    topic,
  })
  await worker.herder.put(`out-${topic}`, {
    'connector.class': 'FileStreamSink',
    file: join(folder, 'out.txt'),
    topics: topic,
  })
}

function copies(
  name: string,
  servers: (folder: string) => Promise<{ bootstrapServers: string } & AsyncDisposable>,
) {
  it(`copies a file through ${name} line by line, and goes on after a restart without a line lost or doubled`, async () => {
    await using here = await place()
    await using kafka = await servers(here.folder)
    const topic = `isthmus-copy-${process.pid}-${Date.now()}`
    await writeFile(join(here.folder, 'in.txt'), linesOf(0, 20_000))
    {
      await using worker = await here.open(kafka.bootstrapServers)
      await startCopy(worker, here.folder, topic)
      await until(async () => (await text(join(here.folder, 'out.txt'))).length >= linesOf(0, 20_000).length)
    }
    await appendFile(join(here.folder, 'in.txt'), linesOf(20_000, 30_000))
    {
      await using worker = await here.open(kafka.bootstrapServers)
      await startCopy(worker, here.folder, topic)
      await until(async () => (await text(join(here.folder, 'out.txt'))).length >= linesOf(0, 30_000).length)
      const { offsets } = await worker.herder.offsets(`out-${topic}`)
      assert.equal(offsets.length, 1)
      assert.deepEqual(worker.herder.topics(`out-${topic}`), [topic])
    }
    assert.equal(await text(join(here.folder, 'out.txt')), linesOf(0, 30_000))
  })
}

describe('a worker with threads', () => {
  copies('our broker', broker)
  if (APACHE === undefined) it('copies through Apache Kafka', { skip: 'ISTHMUS_KAFKA is not set' }, () => {})
  else copies('Apache Kafka', async () => ({ bootstrapServers: APACHE, async [Symbol.asyncDispose]() {} }))

  it('survives a broker that goes away for a while', async () => {
    await using here = await place()
    let kafka = await broker(here.folder)
    const { port, bootstrapServers } = kafka
    try {
      await using worker = await here.open(bootstrapServers)
      await writeFile(join(here.folder, 'in.txt'), linesOf(0, 1000))
      await startCopy(worker, here.folder, 't')
      await until(async () => (await text(join(here.folder, 'out.txt'))).length >= linesOf(0, 1000).length)
      await kafka[Symbol.asyncDispose]()
      await appendFile(join(here.folder, 'in.txt'), linesOf(1000, 2000))
      kafka = await broker(here.folder, port)
      await until(async () => (await text(join(here.folder, 'out.txt'))).length >= linesOf(0, 2000).length)
      const arrived = (await text(join(here.folder, 'out.txt'))).split('\n')
      assert.deepEqual([...new Set(arrived)], linesOf(0, 2000).split('\n'))
    } finally {
      await kafka[Symbol.asyncDispose]()
    }
  })

  it('stops within its deadline though the broker is frozen', async () => {
    await using here = await place()
    await using kafka = await broker(here.folder)
    const worker = await here.open(kafka.bootstrapServers, { 'task.shutdown.graceful.timeout.ms': '300' })
    await writeFile(join(here.folder, 'in.txt'), linesOf(0, 10))
    await startCopy(worker, here.folder, 't')
    await until(async () => (await text(join(here.folder, 'out.txt'))).length >= linesOf(0, 10).length)
    kafka.freeze()
    await appendFile(join(here.folder, 'in.txt'), linesOf(10, 100_000))
    const started = Date.now()
    await worker[Symbol.asyncDispose]()
    kafka.thaw()
    assert.ok(Date.now() - started < 5000, `${Date.now() - started} ms`)
  })

  it('says in one line that no broker can be reached', async () => {
    await using here = await place()
    await assert.rejects(here.open('127.0.0.1:1', { 'default.api.timeout.ms': '1000' }), {
      message:
        /^Failed to connect to and describe Kafka cluster\. Check worker's broker connection and security properties\. \(bootstrap\.servers=127\.0\.0\.1:1: /,
    })
  })
})
