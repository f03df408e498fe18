import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetch, metadata } from '@isthmus/protocol/apis'
import type { Cluster } from '../../cluster/cluster.ts'
import { KafkaError } from '../../errors.ts'

export interface ClusterUnderTest extends AsyncDisposable {
  readonly cluster: Cluster
  /** A new one, without records. */
  topic(partitions: number): Promise<string>
  /** A name that no topic has. */
  readonly missing: string
}

const passing = () => new KafkaError('COORDINATOR_LOAD_IN_PROGRESS', 'not yet', { retriable: true })

/** What producers, fetchers, group members and admins may rely on, whatever is behind a cluster. */
export function clusterContract(open: () => Promise<ClusterUnderTest>): void {
  test('a topic has leaders among the brokers, and is known from then on', async () => {
    await using opened = await open()
    const { cluster } = opened
    const name = await opened.topic(3)
    const info = await cluster.topic(name)
    assert.deepEqual(
      info.partitions.map((p) => p.partition),
      [0, 1, 2],
    )
    assert.equal(cluster.cached(name), info)
    assert.ok((await cluster.topics()).some((topic) => topic.name === name))
    const { nodes, controller } = await cluster.nodes()
    for (const id of [controller, ...info.partitions.map((p) => p.leader)])
      assert.ok(nodes.some((node) => node.id === id))
  })

  test('a topic that is stale is known still, and can be asked for again', async () => {
    await using opened = await open()
    const { cluster } = opened
    const name = await opened.topic(2)
    await cluster.topic(name)
    cluster.refresh([name])
    assert.equal(cluster.cached(name)?.partitions.length, 2)
    assert.equal((await cluster.topic(name)).partitions.length, 2)
  })

  test('a topic that does not exist is an error to come back after', async () => {
    await using opened = await open()
    const { cluster, missing } = opened
    assert.equal(cluster.cached(missing), undefined)
    const asked = cluster.topic(missing, { timeoutMs: 0 })
    await assert.rejects(asked, { kafka: 'UNKNOWN_TOPIC_OR_PARTITION', retriable: true })
  })

  test('the version of an API is the highest, or the one that is asked for', async () => {
    await using opened = await open()
    assert.ok((await opened.cluster.versionOf(metadata, { to: 'any' })) >= 9)
    assert.equal(await opened.cluster.versionOf(metadata, { to: 'any' }, 4), 4)
  })

  test('who gives up on an answer is told so at once', async () => {
    await using opened = await open()
    const { cluster } = opened
    const topic = await opened.topic(1)
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }]
    // nothing is there to be fetched
    const body = { maxWaitMs: 20_000, minBytes: 1, maxBytes: 1000, topics: [{ topic, partitions }] }
    const ask = (signal: AbortSignal) =>
      cluster.request(fetch, body, { to: 'leader', topic, partition: 0 }, { maxVersion: 12, signal })
    const giveUp = new AbortController()
    const asked = ask(giveUp.signal)
    giveUp.abort()
    await assert.rejects(asked, { kafka: 'ABORTED' })
    await assert.rejects(ask(giveUp.signal), { kafka: 'ABORTED' })
  })

  test('attempts are repeated while their errors pass, and no longer', async () => {
    await using opened = await open()
    const { cluster } = opened
    let attempts = 0
    const third = async () => {
      if (++attempts < 3) throw passing()
      return attempts
    }
    assert.equal(await cluster.retry(third), 3)
    const final = new KafkaError('TOPIC_AUTHORIZATION_FAILED', 'not for you')
    attempts = 0
    const refused = cluster.retry(async () => {
      attempts++
      throw final
    })
    await assert.rejects(refused, final)
    assert.equal(attempts, 1)
  })

  test('attempts end with their time, or when their caller gives up', async () => {
    await using opened = await open()
    const { cluster } = opened
    const late = cluster.retry(() => Promise.reject(passing()), { timeoutMs: 50 })
    await assert.rejects(late, { kafka: 'TIMED_OUT', message: /not yet/ })
    const giveUp = new AbortController()
    const given = cluster.retry(
      async () => {
        giveUp.abort()
        throw passing()
      },
      { signal: giveUp.signal },
    )
    await assert.rejects(given, { kafka: 'ABORTED' })
    const closed = AbortSignal.abort(new KafkaError('CLOSED', 'the producer is closed'))
    await assert.rejects(
      cluster.retry(async () => 1, { signal: closed }),
      { kafka: 'CLOSED' },
    )
  })
}
