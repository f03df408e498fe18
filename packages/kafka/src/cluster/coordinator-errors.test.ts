import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Interception } from '@isthmus/broker'
import { errorIds } from '@isthmus/protocol'
import { TestMember } from '../testing/contract/test-member.ts'
import { valuesOf } from '../testing/contract/transactions-contract.ts'
import { enqueue } from '../testing/contract/values.ts'
import { type OwnBroker, openOwnBroker, retriable } from '../testing/own-broker.ts'
import { openTransactionalProducer } from '../transactions/transactional-producer.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers as the broker shows them to a test
type Answer = any
/** Where an answer has its error code. */
const place: { readonly [api: string]: (answer: Answer, errorCode: number) => void } = {
  Produce: (answer, errorCode) => {
    for (const topic of answer.responses) for (const p of topic.partitionResponses) p.errorCode = errorCode
  },
  FindCoordinator: (answer, errorCode) => {
    answer.errorCode = errorCode
    for (const found of answer.coordinators) Object.assign(found, { errorCode, nodeId: -1, port: -1 })
  },
  OffsetCommit: ofPartitions,
  OffsetFetch: (answer, errorCode) => {
    answer.errorCode = errorCode
    for (const group of answer.groups) Object.assign(group, { errorCode, topics: [] })
  },
  TxnOffsetCommit: ofPartitions,
  AddPartitionsToTxn: (answer, errorCode) => {
    for (const topic of answer.resultsByTopicV3AndBelow)
      for (const p of topic.resultsByPartition) p.partitionErrorCode = errorCode
  },
}
function ofPartitions(answer: Answer, errorCode: number): void {
  for (const topic of answer.topics) for (const p of topic.partitions) p.errorCode = errorCode
}
const ofAnswer = (answer: Answer, errorCode: number) => {
  answer.errorCode = errorCode
}

interface Fault extends Disposable {
  readonly requests: number
  /** Resolves when a request was let through. */
  readonly third: Promise<void>
}
/** What becomes of the first two requests of an API; the others are answered. */
function disturb({ broker }: OwnBroker, api: string, become: (request: number) => Interception): Fault {
  const third = Promise.withResolvers<void>()
  let requests = 0
  const interception = broker.intercept(api, () => {
    if (++requests <= 2) return become(requests)
    third.resolve()
    return undefined
  })
  return {
    get requests() {
      return requests
    },
    third: third.promise,
    [Symbol.dispose]: () => interception[Symbol.dispose](),
  }
}
/** They fail so, applied all the same. */
const failing = (own: OwnBroker, api: string, error: keyof typeof errorIds) =>
  disturb(own, api, () => ({
    after(answer) {
      ;(place[api] ?? ofAnswer)(answer, errorIds[error])
      return undefined
    },
  }))
/** One is lost, and the answer to the next. */
const losing = (own: OwnBroker, api: string) =>
  disturb(own, api, (request) => (request === 1 ? 'drop' : { after: () => 'drop' }))

const times = { 'session.timeout.ms': '1500', 'heartbeat.interval.ms': '20' }
async function joinAndCommit(own: OwnBroker, topic: string, group: string, fault: Fault): Promise<void> {
  await using member = new TestMember(
    own.cluster,
    { ...own.props, ...times, 'group.id': group },
    { topics: [topic] },
  )
  await member.until(() => member.owned.size === 2)
  await member.group.commit([{ topic, partition: 1, offset: 5 }])
  await fault.third
}

test('members join, commit and stay while their coordinator fails for now', async (t) => {
  await using own = await openOwnBroker()
  const topic = await own.topic(2)
  let groups = 0
  const apis: { readonly [api: string]: readonly (keyof typeof errorIds)[] } = {
    FindCoordinator: ['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS'],
    JoinGroup: [...retriable.coordinator, 'REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID'],
    SyncGroup: [...retriable.coordinator, 'REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'],
    Heartbeat: [...retriable.coordinator],
    OffsetCommit: [...retriable.coordinator, 'REQUEST_TIMED_OUT', 'UNKNOWN_TOPIC_OR_PARTITION'],
    OffsetFetch: [...retriable.coordinator, 'UNSTABLE_OFFSET_COMMIT'],
  }
  for (const [api, errors] of Object.entries(apis))
    for (const error of errors)
      await t.test(`${api}: ${error}`, async () => {
        const group = `errors-${++groups}`
        using fault = failing(own, api, error)
        await joinAndCommit(own, topic, group, fault)
        assert.ok(fault.requests > 2, `${fault.requests} requests`)
        assert.deepEqual(await own.admin.groupOffsets(group), [{ topic, partition: 1, offset: 5 }])
      })
  for (const api of Object.keys(apis))
    await t.test(`${api}: lost, then answered to nobody`, async () => {
      const group = `errors-${++groups}`
      using fault = losing(own, api)
      await joinAndCommit(own, topic, group, fault)
      assert.ok(fault.requests > 2, `${fault.requests} requests`)
      assert.deepEqual(await own.admin.groupOffsets(group), [{ topic, partition: 1, offset: 5 }])
    })
})

/** One transaction with records and offsets, one that is aborted. */
async function transact(own: OwnBroker, topic: string, id: string): Promise<void> {
  await using producer = await openTransactionalProducer<null>(
    own.cluster,
    { ...own.props, 'transactional.id': id },
    { acknowledged: () => undefined },
  )
  producer.begin()
  await enqueue(producer, topic, 0, 'one', null)
  await producer.sendOffsets({ groupId: id }, [{ topic, partition: 0, offset: 3 }])
  await producer.commit()
  producer.begin()
  await enqueue(producer, topic, 0, 'given up', null)
  await producer.flush()
  await producer.abort()
  producer.begin()
  await enqueue(producer, topic, 0, 'end', null)
  await producer.commit()
}

test('transactions end as they should while their coordinators fail for now', async (t) => {
  await using own = await openOwnBroker()
  const apis: { readonly [api: string]: readonly (keyof typeof errorIds)[] } = {
    Produce: ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'NOT_LEADER_OR_FOLLOWER', 'REQUEST_TIMED_OUT'],
    FindCoordinator: ['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS'],
    InitProducerId: [...retriable.coordinator, 'CONCURRENT_TRANSACTIONS'],
    AddPartitionsToTxn: [...retriable.coordinator, 'CONCURRENT_TRANSACTIONS', 'UNKNOWN_TOPIC_OR_PARTITION'],
    AddOffsetsToTxn: [...retriable.coordinator, 'CONCURRENT_TRANSACTIONS'],
    TxnOffsetCommit: [...retriable.coordinator, 'REQUEST_TIMED_OUT', 'UNKNOWN_TOPIC_OR_PARTITION'],
    EndTxn: [...retriable.coordinator, 'CONCURRENT_TRANSACTIONS'],
  }
  let ids = 0
  const check = async (fault: Fault) => {
    const topic = await own.topic()
    const id = `errors-${++ids}`
    await transact(own, topic, id)
    assert.ok(fault.requests > 2, `${fault.requests} requests`)
    assert.deepEqual(await valuesOf(own.cluster, topic, 'read_committed', 'end'), ['one', 'end'])
    assert.deepEqual(await own.admin.groupOffsets(id), [{ topic, partition: 0, offset: 3 }])
  }
  for (const [api, errors] of Object.entries(apis)) {
    for (const error of errors)
      await t.test(`${api}: ${error}`, async () => {
        using fault = failing(own, api, error)
        await check(fault)
      })
    await t.test(`${api}: lost, then answered to nobody`, async () => {
      using fault = losing(own, api)
      await check(fault)
    })
  }
})
