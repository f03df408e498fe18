import assert from 'node:assert/strict'
import {
  type Cluster,
  openAdmin,
  openTransactionalProducer,
  type TransactionalProducer,
} from '@isthmus/kafka'
import type { Load } from './load.ts'
import { readAll } from './read-all.ts'

/** A transaction that stays open over all the kills: it holds readers of committed records back until it is committed. */
export async function openLongTransaction(cluster: Cluster, topic: string): Promise<Load> {
  const producer: TransactionalProducer<null> = await openTransactionalProducer<null>(
    cluster,
    { 'transactional.id': 'long', 'transaction.timeout.ms': '600000', 'default.api.timeout.ms': '120000' },
    { acknowledged: () => undefined },
  )
  const write = async (value: string): Promise<void> => {
    for (;;) {
      const room = producer.enqueue(topic, 0, null, null, value, [], null)
      if (room === undefined) break
      await room
    }
    await producer.flush()
  }
  producer.begin()
  await write('before')
  const visible = async (): Promise<string[]> =>
    (await readAll(cluster, topic, 0, 'read_committed')).map(({ text }) => text)
  return {
    progress: () => Number.POSITIVE_INFINITY,
    async stop() {
      const [stable] = await openAdmin(cluster).listOffsets([{ topic, partition: 0 }], 'latest', {
        isolation: 'read_committed',
      })
      assert.equal(stable?.offset, 0)
      assert.deepEqual(await visible(), [])
      await write('after')
      await producer.commit()
    },
    async check() {
      assert.deepEqual(await visible(), ['before', 'after'])
      return 'one transaction open over all kills'
    },
    [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
  }
}
