import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { type ApacheKafka, openApacheKafka } from '../apache/apache.ts'
import type { Child } from '../process/child.ts'
import { eventually } from '../process/eventually.ts'
import { newTopic, sinkProps, sourceProps, workerProps } from '../process/file-copy.ts'
import { type BrokerProcess, isthmusStandalone, openBrokerProcess } from '../process/isthmus.ts'
import { arrivedAtLeastOnce, endsWith, linesOf, readLines, sizeOf, textOf } from '../process/lines.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'

type Broker = Pick<BrokerProcess & ApacheKafka, 'bootstrapServers' | 'kill' | 'start'> & AsyncDisposable

const brokers: { [name: string]: (dir: TempDir) => Promise<Broker> } = {
  'the embedded broker': (dir) => openBrokerProcess(dir.at('broker')),
}
// a broker of its own, for this one is killed: the one that other tests use must live
if (process.env['ISTHMUS_KAFKA'] !== undefined) brokers['Apache Kafka'] = () => openApacheKafka()

const LINES = 200_000

for (const [name, open] of Object.entries(brokers)) {
  describe(`nothing is lost through ${name}`, () => {
    test('when the worker is killed at any moment of a copy (invariant 7)', async () => {
      await using dir = await openTempDir()
      await using broker = await open(dir)
      const lines = linesOf(LINES)
      const copy = copyOf(dir, broker, lines)
      const bytes = Buffer.byteLength(textOf(lines))
      await writeFile(dir.at('input'), textOf(lines))
      for (const part of [0.05, 0.3, 0.6, 0.9]) {
        await using worker = await copy.start()
        await copy.reaches(bytes * part, worker)
        worker.kill('SIGKILL')
        await worker.ended
      }
      await using worker = await copy.start()
      await copy.completes(worker)
    })

    test('when the broker is killed in mid-copy and comes back', async () => {
      await using dir = await openTempDir()
      await using broker = await open(dir)
      const lines = linesOf(LINES)
      const copy = copyOf(dir, broker, lines)
      const bytes = Buffer.byteLength(textOf(lines))
      await writeFile(dir.at('input'), textOf(lines.slice(0, LINES / 2)))
      await using worker = await copy.start()
      await copy.reaches(bytes * 0.2, worker)
      await broker.kill()
      await appendFile(dir.at('input'), textOf(lines.slice(LINES / 2)))
      await broker.start()
      await copy.completes(worker)
    })
  })
}

function copyOf(dir: TempDir, broker: Broker, lines: readonly string[]) {
  const topic = newTopic()
  const output = dir.at('output')
  const alive = (worker: Child): true => {
    assert.ok(!worker.output().includes('FAILED'), worker.output())
    return true
  }
  return {
    start: () =>
      isthmusStandalone({
        dir: dir.path,
        // the group waits this long for the member that was killed
        worker: workerProps(broker.bootstrapServers, dir.at('offsets'), {
          'consumer.session.timeout.ms': '6000',
          'consumer.heartbeat.interval.ms': '1000',
        }),
        connectors: [sourceProps(topic, dir.at('input')), sinkProps(topic, output)],
      }),
    reaches: (bytes: number, worker: Child) =>
      eventually(`${bytes} bytes`, async () => alive(worker) && (await sizeOf(output)) >= bytes, 60_000),
    async completes(worker: Child): Promise<void> {
      const last = lines.at(-1) ?? ''
      await eventually(
        `the last line arrives\n${worker.output()}`,
        async () => alive(worker) && (await endsWith(output, last)),
        90_000,
      )
      const arrived = await readLines(output)
      arrivedAtLeastOnce(arrived, lines)
    },
  }
}
