import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetch, listGroups } from '@isthmus/protocol/apis'
import { openCluster } from '../../cluster/cluster.ts'
import { KafkaError, kafkaError } from '../../errors.ts'
import { type ContractTarget, openTarget } from './target.ts'

const fault = (kafka: string) => (error: unknown) => error instanceof KafkaError && error.kafka === kafka

/** A broker that is not ready yet says so; anything else is the answer. */
function retriable(code: number): number {
  const error = kafkaError(code, 'asking')
  if (code !== 0 && error.retriable) throw error
  return code
}

/** How requests find their way over connections to brokers. */
export function connectionsContract(target: ContractTarget): void {
  test('the brokers say who they are', async () => {
    await using cluster = openCluster(target.props())
    const { clusterId, controller, nodes } = await cluster.nodes()
    assert.ok(clusterId)
    assert.ok(nodes.some((node) => node.id === controller))
  })

  test('requests reach the leader of a partition', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const name = await opened.topic(3)
    const body = {
      maxWaitMs: 1,
      minBytes: 1,
      maxBytes: 1000,
      topics: [{ topic: name, partitions: [{ partition: 2, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
    }
    const leader = { to: 'leader', topic: name, partition: 2 } as const
    const code = await cluster.retry(async (signal) => {
      const answer = await cluster.request(fetch, body, leader, { maxVersion: 12, lane: 'test', signal })
      return retriable(answer.responses[0]?.partitions[0]?.errorCode ?? -1)
    })
    assert.equal(code, 0)
  })

  test('a coordinator is found for a group that does not exist yet', async () => {
    await using cluster = openCluster(target.props())
    const coordinator = { to: 'coordinator', kind: 'group', key: target.unique('group') } as const
    const answer = await cluster.retry(async (signal) => {
      const { errorCode } = await cluster.request(listGroups, {}, coordinator, { signal })
      if (errorCode === 14)
        throw new KafkaError('COORDINATOR_LOAD_IN_PROGRESS', 'loading', { retriable: true })
      return errorCode
    })
    assert.equal(answer, 0)
  })

  test('a lane that is left is closed, and can be taken again', async () => {
    await using cluster = openCluster(target.props())
    const ask = (signal?: AbortSignal) =>
      cluster.request(listGroups, {}, { to: 'any' }, { lane: 'left', ...(signal ? { signal } : {}) })
    await ask()
    const pending = ask()
    cluster.leave('left')
    await assert.rejects(pending, fault('CLOSED'))
    assert.equal(await cluster.retry(async (signal) => retriable((await ask(signal)).errorCode)), 0)
  })

  test('a thousand requests at once are all answered', async () => {
    await using cluster = openCluster(target.props())
    const answers = await Promise.all(Array.from({ length: 1000 }, () => cluster.nodes()))
    assert.equal(new Set(answers.map((a) => a.clusterId)).size, 1)
  })
}
