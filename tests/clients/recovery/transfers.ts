import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { type Cluster, openAdmin, openTransactionalProducer } from '@isthmus/kafka'
import type { Load } from './load.ts'
import { readAll } from './read-all.ts'

const RECORDS = 10
/** Of the group whose offsets are part of the transactions; nobody consumes the topic. */
const SOURCE = 'transfer-source'
/** Partition 0 gets an offset with each transaction; the others one each, so that no later one hides that it was lost. */
export const SOURCE_PARTITIONS = 200

/** One transaction after the other over two topics and a group's offsets; each third is aborted. */
export async function startTransfers(cluster: Cluster, topics: readonly [string, string]): Promise<Load> {
  const groupId = 'transfers'
  const committed: number[] = []
  let aborted = 0
  const failures: unknown[] = []
  const producer = await openTransactionalProducer<null>(
    cluster,
    {
      'transactional.id': 'transfers',
      'linger.ms': '1',
      'delivery.timeout.ms': '120000',
      'default.api.timeout.ms': '120000',
    },
    { acknowledged: (batch) => batch.error !== null && !aborting && failures.push(batch.error) },
  )
  let aborting = false
  let stopping = false
  const done = transfer()
  done.catch(() => {})

  async function transfer(): Promise<void> {
    for (let t = 0; !stopping; t++) {
      producer.begin()
      for (let i = 0; i < RECORDS; i++) {
        for (const topic of topics) {
          for (;;) {
            const room = producer.enqueue(topic, 0, null, null, `${t}-${i}`, [], null)
            if (room === undefined) break
            await room
          }
        }
        // half-way, so that kills find transactions whose records are partly in the log
        if (i === RECORDS / 2) await producer.flush()
      }
      const offset = t + 1
      const partitions = offset < SOURCE_PARTITIONS ? [0, offset] : [0]
      await producer.sendOffsets(
        { groupId },
        partitions.map((partition) => ({ topic: SOURCE, partition, offset })),
      )
      // some are open longer than others
      await wait(t % 10)
      if (t % 3 === 2) {
        aborting = true
        await producer.abort()
        aborting = false
        aborted++
      } else {
        await producer.commit()
        committed.push(t)
      }
    }
  }

  return {
    progress: () => committed.length + aborted,
    async stop() {
      stopping = true
      await done
    },
    async check() {
      assert.deepEqual(failures, [])
      const expected = committed.flatMap((t) => Array.from({ length: RECORDS }, (_, i) => `${t}-${i}`))
      for (const topic of topics) {
        const read = await readAll(cluster, topic, 0, 'read_committed')
        assert.deepEqual(
          read.map(({ text }) => text),
          expected,
          topic,
        )
      }
      const offsets = await openAdmin(cluster).groupOffsets(groupId)
      const once = committed.map((t) => t + 1).filter((offset) => offset < SOURCE_PARTITIONS)
      assert.deepEqual(
        offsets.map(({ partition, offset }) => [partition, offset] as const).sort(([a], [b]) => a - b),
        [[0, (committed.at(-1) ?? -1) + 1], ...once.map((offset) => [offset, offset])],
      )
      return `${committed.length} committed and ${aborted} aborted transactions`
    },
    [Symbol.asyncDispose]: async () => {
      stopping = true
      await producer[Symbol.asyncDispose]()
      await done.catch(() => {})
    },
  }
}
