import assert from 'node:assert/strict'
import { type Cluster, openProducer } from '@isthmus/kafka'
import type { Load } from './load.ts'
import { readAll } from './read-all.ts'

const PARTITIONS = 3
const VALUE = 'x'.repeat(200)

/** An idempotent producer that writes numbers to each partition and notes which were acknowledged, and where. */
export function startPlainWriter(cluster: Cluster, topic: string): Load {
  const acknowledged = Array.from({ length: PARTITIONS }, () => [] as { number: number; offset: number }[])
  const failures: unknown[] = []
  let count = 0
  const producer = openProducer<{ partition: number; number: number }>(
    cluster,
    { acks: 'all', 'linger.ms': '1', 'delivery.timeout.ms': '120000', 'batch.size': '4096' },
    {
      acknowledged(batch) {
        if (batch.error !== null) failures.push(batch.error)
        for (const [i, token] of batch.tokens.entries()) {
          acknowledged[token.partition]?.push({ number: token.number, offset: batch.baseOffset + i })
          count++
        }
      },
    },
  )
  let stopping = false
  const written = write()

  async function write(): Promise<void> {
    for (let number = 0; !stopping; number++) {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const token = { partition, number }
        for (;;) {
          const wait = producer.enqueue(topic, partition, null, null, `${number} ${VALUE}`, [], token)
          if (wait === undefined) break
          await wait
        }
      }
      // some hundred records in flight keep a broker busy and leave the machine its breath
      if (producer.pending > 300) await producer.flush()
    }
    await producer.flush()
  }

  return {
    progress: () => count,
    async stop() {
      stopping = true
      await written
    },
    async check() {
      assert.deepEqual(failures, [])
      for (const [partition, acks] of acknowledged.entries()) {
        const records = await readAll(cluster, topic, partition, 'read_uncommitted')
        const numbers = records.map(({ text }) => Number(text.split(' ')[0]))
        // nothing is lost, doubled or moved: partition after partition the numbers as they were written
        assert.deepEqual(
          numbers,
          numbers.map((_, index) => index),
          `partition ${partition}`,
        )
        assert.equal(numbers.length, acks.length, `partition ${partition}`)
        for (const { number, offset } of acks) assert.equal(records[number]?.offset, offset)
      }
      return `${count} records of an idempotent producer`
    },
    [Symbol.asyncDispose]: async () => {
      stopping = true
      await producer[Symbol.asyncDispose]()
      await written.catch(() => {})
    },
  }
}
