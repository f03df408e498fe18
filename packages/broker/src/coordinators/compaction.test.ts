import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as apis from '@isthmus/protocol/apis'
import { openBroker } from '../broker.ts'
import { openRawClient, type RawClient } from '../testing/raw-client.ts'

const PARTITIONS = 6
const partitions = Array.from({ length: PARTITIONS }, (_, index) => index)

async function offsetsOf(client: RawClient, requireStable: boolean) {
  const groups = ['a', 'b'].map((groupId) => ({
    groupId,
    topics: [{ name: 't', partitionIndexes: partitions }],
  }))
  const fetched = await client.call(apis.offsetFetch, 9, { requireStable, groups })
  return fetched.groups.map((g) =>
    g.topics[0]?.partitions.map((p) => [p.committedOffset, p.metadata, p.errorCode]),
  )
}

test('compaction and restarts change no committed offset, whichever transactions are open', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'isthmus-compaction-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const producers = new Map<string, { producerId: number; producerEpoch: number }>()
  const begun = new Set<string>()
  let counter = 0
  for (let life = 0; life < 4; life++) {
    await using broker = await openBroker({ dataDir })
    await using client = await openRawClient(broker.port)
    if (life === 0) {
      const topic = {
        name: 't',
        numPartitions: PARTITIONS,
        replicationFactor: 1,
        assignments: [],
        configs: [],
      }
      await client.call(apis.createTopics, 7, { topics: [topic], timeoutMs: 5000 })
      for (const transactionalId of ['x', 'y', 'z']) {
        const init = { transactionalId, transactionTimeoutMs: 600_000 }
        producers.set(transactionalId, await client.call(apis.initProducerId, 5, init))
      }
    }
    const end = async (transactionalId: string) => {
      const { producerId, producerEpoch } = producers.get(transactionalId)!
      const committed = counter++ % 3 !== 0
      const who = { transactionalId, producerId, producerEpoch, committed }
      const ended = await client.call(apis.endTxn, 5, who)
      assert.equal(ended.errorCode, 0)
      producers.set(transactionalId, ended)
      begun.delete(transactionalId)
    }
    for (let step = 0; step < 150; step++) {
      // a fixed walk over groups, partitions and producers whose periods have no common divisor
      const groupId = step % 2 ? 'a' : 'b'
      const partitionIndex = (step * 5) % PARTITIONS
      const committedOffset = ++counter
      const commit = { partitionIndex, committedOffset, committedMetadata: `${life}.${step}` }
      const topics = [{ name: 't', partitions: [commit] }]
      const transactionalId = ['x', 'y', 'z', null][(step * 3) % 4]
      if (transactionalId) {
        const { producerId, producerEpoch } = producers.get(transactionalId)!
        const who = { transactionalId, groupId, producerId, producerEpoch, topics }
        const answer = await client.call(apis.txnOffsetCommit, 5, who)
        assert.equal(answer.topics[0]?.partitions[0]?.errorCode, 0)
        begun.add(transactionalId)
        if (step % 7 === 0) await end(transactionalId)
      } else {
        const answer = await client.call(apis.offsetCommit, 9, { groupId, topics })
        assert.equal(answer.topics[0]?.partitions[0]?.errorCode, 0)
      }
      if (step % 40 === 39) await broker.compact('__consumer_offsets')
    }
    // one stays open over the restart; while it is, nothing behind its first record can be compacted
    for (const transactionalId of [...begun].slice(life % 2)) await end(transactionalId)

    const wanted = [await offsetsOf(client, false), await offsetsOf(client, true)]
    await broker.compact('__consumer_offsets')
    await broker.compact('__transaction_state')
    await client[Symbol.asyncDispose]()
    await broker[Symbol.asyncDispose]()
    await using again = await openBroker({ dataDir })
    await using other = await openRawClient(again.port)
    assert.deepEqual([await offsetsOf(other, false), await offsetsOf(other, true)], wanted)
    const open = [...begun]
    const described = await other.call(apis.describeTransactions, 0, { transactionalIds: open })
    assert.deepEqual(
      described.transactionStates.map((s) => s.transactionState),
      open.map(() => 'Ongoing'),
    )
  }
})
