import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogBytes } from '../testing/log-bytes.ts'
import { ScriptedCluster } from '../testing/scripted-cluster.ts'
import { openFetcher } from './fetcher.ts'

const PARTITIONS = 4
const assignment = Array.from({ length: PARTITIONS }, (_, partition) => ({
  topic: 't',
  partition,
  offset: 0,
}))

/** A log without end in each partition, one batch an answer. */
function endless() {
  const cluster = new ScriptedCluster()
  cluster.setTopic('t', new Array<number>(PARTITIONS).fill(0))
  const { bytes } = new LogBytes().write(null, ['x'.repeat(1000)]).batches[0]!
  const fetched: number[] = []
  cluster.answers['Fetch'] = async (body: {
    topics: { partitions: { partition: number; fetchOffset: number }[] }[]
  }) => {
    const partitions = body.topics.flatMap((topic) =>
      topic.partitions.map(({ partition, fetchOffset }) => {
        fetched.push(partition)
        const records = Buffer.from(bytes)
        records.writeBigInt64BE(BigInt(fetchOffset))
        return {
          partitionIndex: partition,
          errorCode: 0,
          records,
          highWatermark: 1_000_000,
          lastStableOffset: 1_000_000,
          abortedTransactions: null,
          preferredReadReplica: -1,
          divergingEpoch: { epoch: -1, endOffset: -1 },
        }
      }),
    )
    return { errorCode: 0, responses: [{ topic: 't', partitions }] }
  }
  return { cluster, fetched }
}
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
}

test('no more than fetch.max.bytes are held for a caller that does not come, whatever the number of partitions', async () => {
  const { cluster, fetched } = endless()
  await using fetcher = openFetcher(cluster, { 'fetch.max.bytes': '10000', 'check.crcs': 'false' })
  fetcher.assign(assignment)
  await turns()
  const held = fetched.length
  assert.ok(held >= 9 && held <= 9 + PARTITIONS, `${held} batches of more than 1,000 bytes`)
  const batches = await fetcher.poll(1000)
  assert.equal(batches.length, held)
  await turns()
  assert.ok(fetched.length > held, 'what was taken makes room')
})

test('what was fetched of paused partitions makes room for the others, and is fetched again', async () => {
  const { cluster, fetched } = endless()
  await using fetcher = openFetcher(cluster, { 'fetch.max.bytes': '4000', 'check.crcs': 'false' })
  fetcher.assign(assignment.slice(0, 3))
  await turns()
  for (const { topic, partition } of assignment.slice(0, 3)) fetcher.pause(topic, partition)
  fetcher.assign(assignment)
  await turns()
  assert.ok(fetched.includes(3))
  const [only, ...others] = await fetcher.poll(1000)
  assert.deepEqual([only?.partition, others.filter(({ partition }) => partition !== 3)], [3, []])
  fetcher.pause('t', 3)
  fetcher.resume('t', 0)
  const again = await fetcher.poll(1000)
  assert.equal(again[0]?.records[0]?.offset, 0, 'nothing of it was skipped')
})
