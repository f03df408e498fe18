import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { LogBytes } from '../testing/log-bytes.ts'
import { ScriptedCluster } from '../testing/scripted-cluster.ts'
import { type Fetcher, openFetcher } from './fetcher.ts'

interface Asked {
  readonly isolationLevel: number
  readonly topics: {
    readonly topic: string
    readonly partitions: {
      readonly partition: number
      readonly fetchOffset: number
      readonly lastFetchedEpoch: number
    }[]
  }[]
}
interface Answer {
  readonly errorCode?: number
  readonly records?: Buffer | null
  readonly highWatermark?: number
  readonly lastStableOffset?: number
  readonly abortedTransactions?: { producerId: number; firstOffset: number }[] | null
  readonly preferredReadReplica?: number
  readonly divergingEpoch?: { epoch: number; endOffset: number }
}
const nothing = {
  errorCode: 0,
  records: null,
  highWatermark: 0,
  lastStableOffset: 0,
  abortedTransactions: null,
  preferredReadReplica: -1,
  divergingEpoch: { epoch: -1, endOffset: -1 },
}

/** A cluster whose partitions answer by `answer`; a fetch that brings nothing is held for a moment. */
function clusterThat(
  leaders: readonly number[],
  answer: (partition: number, offset: number, node: number, lastEpoch: number) => Answer | null,
): ScriptedCluster {
  const cluster = new ScriptedCluster()
  cluster.setTopic('t', leaders)
  cluster.answers['Fetch'] = async (body: Asked, target) => {
    const node = target.to === 'node' ? target.node : -1
    const partitions = body.topics.flatMap((t) =>
      t.partitions.map((p) => ({
        partitionIndex: p.partition,
        answer: answer(p.partition, p.fetchOffset, node, p.lastFetchedEpoch),
      })),
    )
    // a long poll, if a short one
    const empty = partitions.every(
      ({ answer: a }) => a === null || Object.keys(a).join() === 'lastStableOffset',
    )
    if (empty) await new Promise((resolve) => setTimeout(resolve, 10))
    const filled = partitions.map(({ partitionIndex, answer: a }) => ({ ...nothing, ...a, partitionIndex }))
    return { errorCode: 0, responses: [{ topic: 't', partitions: filled }] }
  }
  return cluster
}

const committed = {
  'isolation.level': 'read_committed',
  'retry.backoff.ms': '1',
  'retry.backoff.max.ms': '2',
}

async function valuesUntil(fetcher: Fetcher, position: number, partition = 0): Promise<string[]> {
  const values: string[] = []
  const deadline = Date.now() + 5_000
  while ((fetcher.position('t', partition) ?? -1) < position) {
    assert.ok(Date.now() < deadline, `still at ${fetcher.position('t', partition)}, with ${values}`)
    for (const batch of await fetcher.poll(20)) values.push(...batch.records.map((r) => String(r.value)))
  }
  return values
}

/** The transactions of a log that were aborted, as a broker names them for what it sends. */
interface Case {
  readonly name: string
  readonly log: LogBytes
  readonly aborted: readonly { producerId: number; firstOffset: number; marker: number }[]
  readonly seen: readonly string[]
}
const cases: Case[] = [
  {
    name: 'one aborted transaction among others',
    log: new LogBytes()
      .write(1, ['a'])
      .mark(1, 'commit')
      .write(1, ['B', 'C'])
      .mark(1, 'abort')
      .write(1, ['d'])
      .mark(1, 'commit'),
    aborted: [{ producerId: 1, firstOffset: 2, marker: 4 }],
    seen: ['a', 'd'],
  },
  {
    name: 'two aborted transactions of one producer, with a committed one between',
    log: new LogBytes()
      .write(1, ['A'])
      .mark(1, 'abort')
      .write(1, ['b'])
      .mark(1, 'commit')
      .write(1, ['C', 'D'])
      .mark(1, 'abort')
      .write(null, ['e']),
    aborted: [
      { producerId: 1, firstOffset: 4, marker: 6 },
      { producerId: 1, firstOffset: 0, marker: 1 },
    ],
    seen: ['b', 'e'],
  },
  {
    name: 'two producers interleaved, one commits and one aborts',
    log: new LogBytes()
      .write(1, ['A1'])
      .write(2, ['b1'])
      .write(null, ['plain'])
      .write(1, ['A2'])
      .mark(1, 'abort')
      .write(2, ['b2'])
      .mark(2, 'commit')
      .write(1, ['a3'])
      .mark(1, 'commit'),
    aborted: [{ producerId: 1, firstOffset: 0, marker: 4 }],
    seen: ['b1', 'plain', 'b2', 'a3'],
  },
  {
    name: 'a log that ends with markers only',
    log: new LogBytes().write(1, ['A']).write(2, ['B']).mark(1, 'abort').mark(2, 'abort'),
    aborted: [
      { producerId: 1, firstOffset: 0, marker: 2 },
      { producerId: 2, firstOffset: 1, marker: 3 },
    ],
    seen: [],
  },
]

for (const { name, log, aborted, seen } of cases) {
  // in one batch a fetch the marker comes in a later answer than what it aborts
  for (const batches of [1, 2, Infinity])
    test(`read_committed: ${name}, ${batches} batches a fetch`, async () => {
      const cluster = clusterThat([0], (_, offset) => {
        if (offset >= log.end) return { lastStableOffset: log.end }
        const records = log.from(offset, batches)
        const upTo =
          log.batches
            .filter((b) => b.nextOffset > offset)
            .slice(0, batches)
            .at(-1)?.nextOffset ?? 0
        const overlapping = aborted.filter((a) => a.firstOffset < upTo && a.marker >= offset)
        return { records, lastStableOffset: log.end, abortedTransactions: overlapping }
      })
      await using fetcher = openFetcher(cluster, committed)
      fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
      assert.deepEqual(await valuesUntil(fetcher, log.end), seen)
      assert.equal(fetcher.endOffset('t', 0), log.end)
    })
}

test('read_uncommitted gives aborted records, but never markers', async () => {
  const { log } = cases[1]!
  const cluster = clusterThat([0], (_, offset) => (offset < log.end ? { records: log.from(offset) } : null))
  await using fetcher = openFetcher(cluster, {})
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  assert.deepEqual(await valuesUntil(fetcher, log.end), ['A', 'b', 'C', 'D', 'e'])
})

test('a fetch from the middle of a batch gives its rest, and the end of a partial batch comes later', async () => {
  const log = new LogBytes().write(null, ['a', 'b', 'c']).write(null, ['d', 'e'])
  const cluster = clusterThat([0], (_, offset) => {
    if (offset >= log.end) return null
    const whole = log.from(offset)
    return { records: offset < 3 ? whole.subarray(0, whole.length - 5) : whole }
  })
  await using fetcher = openFetcher(cluster, {})
  fetcher.assign([{ topic: 't', partition: 0, offset: 1 }])
  assert.deepEqual(await valuesUntil(fetcher, 5), ['b', 'c', 'd', 'e'])
})

test('a corrupt batch rejects after the records before it, again and again, until it is passed', async () => {
  const log = new LogBytes().write(null, ['a']).write(null, ['bad']).write(null, ['c'])
  const broken = log.batches[1]!.bytes
  broken[broken.length - 2]! ^= 1
  const cluster = clusterThat([0], (_, offset) => (offset < log.end ? { records: log.from(offset) } : null))
  await using fetcher = openFetcher(cluster, {})
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  assert.deepEqual(await valuesUntil(fetcher, 1), ['a'])
  for (let i = 0; i < 2; i++)
    await assert.rejects(fetcher.poll(1_000), {
      kafka: 'CORRUPT_MESSAGE',
      message: /of partition t-0 at offset 1 .*CRC/,
    })
  fetcher.seek('t', 0, 2)
  assert.deepEqual(await valuesUntil(fetcher, 3), ['c'])
  await using careless = openFetcher(cluster, { 'check.crcs': 'false' })
  careless.assign([{ topic: 't', partition: 0, offset: 0 }])
  assert.equal((await valuesUntil(careless, 3)).length, 3)
})

test('where the broker says that its log is damaged, a poll rejects until it is passed', async () => {
  const log = new LogBytes().write(null, ['a']).write(null, ['lost']).write(null, ['c'])
  const cluster = clusterThat([0], (_, offset) => {
    if (offset === 1) return { errorCode: errorIds.CORRUPT_MESSAGE }
    return offset < log.end ? { records: log.from(offset, 1) } : null
  })
  await using fetcher = openFetcher(cluster, {})
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  assert.deepEqual(await valuesUntil(fetcher, 1), ['a'])
  for (let i = 0; i < 2; i++)
    await assert.rejects(fetcher.poll(10_000), {
      kafka: 'CORRUPT_MESSAGE',
      message: /t-0 at offset 1.*seek past it/,
    })
  fetcher.seek('t', 0, 2)
  assert.deepEqual(await valuesUntil(fetcher, 3), ['c'])
})

test('the error of one partition leaves the others alone, and rejects when they have nothing to give', async () => {
  const log = new LogBytes().write(null, ['x', 'y'])
  const cluster = clusterThat([0, 0], (partition, offset) => {
    if (partition === 1) return { errorCode: errorIds.TOPIC_AUTHORIZATION_FAILED }
    return offset < log.end ? { records: log.from(offset) } : null
  })
  await using fetcher = openFetcher(cluster, {})
  fetcher.assign([0, 1].map((partition) => ({ topic: 't', partition, offset: 0 })))
  const batches = await fetcher.poll(1_000)
  assert.deepEqual(
    batches.map((b) => b.partition),
    [0],
  )
  await assert.rejects(fetcher.poll(1_000), { kafka: 'TOPIC_AUTHORIZATION_FAILED' })
})

test('a new leader is found and asked', async () => {
  const log = new LogBytes().write(null, ['a', 'b'])
  let leader = 0
  const cluster = clusterThat([0], (_, offset, node) => {
    if (node !== leader) {
      cluster.setTopic('t', [leader], 1)
      return { errorCode: errorIds.NOT_LEADER_OR_FOLLOWER }
    }
    if (offset === 0) leader = 1
    return offset < log.end ? { records: log.from(offset, 1) } : null
  })
  log.write(null, ['c'])
  await using fetcher = openFetcher(cluster, committed)
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  assert.deepEqual(await valuesUntil(fetcher, 3), ['a', 'b', 'c'])
  assert.ok(cluster.refreshed > 0)
})

test('a log that was cut back is read again from there', async () => {
  const before = new LogBytes().write(null, ['a', 'b'], 1).write(null, ['lost', 'lost too'], 1)
  const after = new LogBytes().write(null, ['a', 'b'], 1).write(null, ['new'], 2)
  let cut = false
  const cluster = clusterThat([0], (_, offset, _node, lastEpoch) => {
    if (!cut) {
      cut = offset >= before.end
      return cut ? {} : { records: before.from(offset) }
    }
    if (offset > after.end) {
      assert.equal(lastEpoch, 1)
      return { divergingEpoch: { epoch: 1, endOffset: 2 } }
    }
    return offset < after.end ? { records: after.from(offset) } : null
  })
  await using fetcher = openFetcher(cluster, committed)
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  assert.deepEqual(await valuesUntil(fetcher, 4), ['a', 'b', 'lost', 'lost too'])
  const values: string[] = []
  while (values.length === 0)
    for (const batch of await fetcher.poll(20)) values.push(...batch.records.map((r) => String(r.value)))
  assert.deepEqual(values, ['new'])
})

test('what comes for a partition that was sought or unassigned meanwhile is dropped', async () => {
  const log = new LogBytes().write(null, ['a']).write(null, ['b'])
  const held = Promise.withResolvers<void>()
  const cluster = clusterThat([0], (_, offset) =>
    offset < log.end ? { records: log.from(offset, 1) } : null,
  )
  const answer = cluster.answers['Fetch'] as unknown as (body: Asked, target: never) => Promise<unknown>
  let first = true
  cluster.answers['Fetch'] = async (body: Asked, target) => {
    const late = first
    first = false
    if (late) await held.promise
    return answer(body, target as never)
  }
  await using fetcher = openFetcher(cluster, {})
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  const polling = fetcher.poll(5_000)
  await new Promise((resolve) => setImmediate(resolve))
  fetcher.seek('t', 0, 1)
  held.resolve()
  const batches = await polling
  assert.deepEqual(
    batches.flatMap((b) => b.records.map((r) => r.offset)),
    [1],
  )
})

test('polls that do not wait leave the event loop its turns', async () => {
  await using fetcher = openFetcher(
    clusterThat([0], () => null),
    {},
  )
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  for (const [timeoutMs, signal] of [[0, undefined] as const, [60_000, AbortSignal.abort()] as const]) {
    let turned = false
    setImmediate(() => {
      turned = true
    })
    assert.deepEqual(await fetcher.poll(timeoutMs, signal), [])
    assert.ok(turned)
  }
})

test('a partition that stays assigned keeps what was fetched ahead; disposal ends a poll', async () => {
  const log = new LogBytes().write(null, ['a', 'b']).write(null, ['c'])
  const cluster = clusterThat([0, 0], (partition, offset) =>
    partition === 0 && offset < log.end ? { records: log.from(offset) } : null,
  )
  const fetcher = openFetcher(cluster, { 'max.poll.records': '1' })
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  assert.equal((await fetcher.poll(1_000))[0]?.records.length, 1)
  const fetches = cluster.asked.length
  fetcher.assign([
    { topic: 't', partition: 0, offset: null },
    { topic: 't', partition: 1, offset: 0 },
  ])
  assert.equal(fetcher.position('t', 0), 1)
  assert.equal(String((await fetcher.poll(1_000))[0]?.records[0]?.value), 'b')
  const refetched = cluster.asked.slice(fetches).flatMap((a) => (a.body as Asked).topics[0]!.partitions)
  assert.ok(refetched.every((p) => p.partition === 1 || p.fetchOffset >= 3))
  fetcher.assign([{ topic: 't', partition: 1, offset: 0 }])
  const polling = fetcher.poll(60_000)
  await fetcher[Symbol.asyncDispose]()
  await assert.rejects(polling, { kafka: 'CLOSED' })
  await assert.rejects(fetcher.poll(0), { kafka: 'CLOSED' })
})

test('a nearer replica is read where the leader advises it, and left when it fails', async () => {
  const log = new LogBytes().write(null, ['a']).write(null, ['b']).write(null, ['c'])
  const nodes: number[] = []
  const cluster = clusterThat([0], (_, offset, node) => {
    nodes.push(node)
    if (node === 0 && offset === 0) return { preferredReadReplica: 1 }
    if (node === 1 && offset === 2) return { errorCode: errorIds.OFFSET_OUT_OF_RANGE }
    return offset < log.end ? { records: log.from(offset, 1) } : null
  })
  await using fetcher = openFetcher(cluster, { ...committed, 'client.rack': 'here' })
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  assert.deepEqual(await valuesUntil(fetcher, 3), ['a', 'b', 'c'])
  assert.deepEqual(nodes.slice(0, 5), [0, 1, 1, 1, 0])
})
