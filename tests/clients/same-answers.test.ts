import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { openRawClient } from '@isthmus/broker/testing'
import * as apis from '@isthmus/protocol/apis'
import { eventually } from '../process/eventually.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { play, type Stage } from './coordinator-play.ts'

const apache = process.env['ISTHMUS_KAFKA']
const skip = apache ? false : 'ISTHMUS_KAFKA is not set'
const PLAYS = 50

/** A topic of two partitions, and coordinators that are up. */
async function openStage(port: number): Promise<Stage> {
  await using client = await openRawClient(port)
  const run = `same-${randomUUID()}`
  const topic = `${run}-t`
  const spec = { name: topic, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }
  await client.call(apis.createTopics, 7, { topics: [spec], timeoutMs: 10_000 })
  await eventually('the coordinators are ready', async () => {
    const init = { transactionalId: `${run}-warm`, transactionTimeoutMs: 60_000 }
    const { errorCode } = await client.call(apis.initProducerId, 5, init)
    const fetched = await client.call(apis.offsetFetch, 7, { groupId: `${run}-warm`, topics: [] })
    const described = await client.call(apis.metadata, 12, { topics: [{ name: topic }] })
    return errorCode + fetched.errorCode === 0 && described.topics[0]?.partitions.length === 2
  })
  return { port, run, topic }
}

for (const about of ['groups', 'transactions'] as const)
  test(`${PLAYS} plays about ${about} are told alike by our broker and Apache Kafka`, {
    skip,
    timeout: 180_000,
  }, async () => {
    await using stack = new AsyncDisposableStack()
    const dir = stack.use(await openTempDir())
    const broker = stack.use(await openBroker({ dataDir: dir.path }))
    const ours = await openStage(broker.port)
    const theirs = await openStage(Number(apache?.split(':').at(-1)))
    for (let seed = 1; seed <= PLAYS; seed++)
      assert.deepEqual(await play(ours, seed, about), await play(theirs, seed, about), `seed ${seed}`)
  })
