import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openFetcher } from '../../fetcher/fetcher.ts'
import { type Acknowledged, openProducer } from '../../producer/producer.ts'
import { type ContractTarget, openTarget } from './target.ts'
import { enqueue, numbered, pollUntil, textOf, write } from './values.ts'

const earliest = { 'auto.offset.reset': 'earliest' }

/** What producers and fetchers promise of any broker. */
export function recordsContract(target: ContractTarget): void {
  test('keys, values, headers, nulls and timestamps come back as they went', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    const acks: Acknowledged<number>[] = []
    await using producer = openProducer<number>(cluster, {}, { acknowledged: (b) => acks.push(b) })
    await cluster.topic(topic)
    const headers = [
      { key: 'h', value: 'x' },
      { key: 'h', value: null },
    ]
    assert.equal(producer.enqueue(topic, 0, 1000, 'key', 'Grüße', headers, 1), undefined)
    producer.enqueue(topic, 0, 900, null, null, [], 2)
    producer.enqueue(topic, 0, 1100, Buffer.from([0, 255]), Buffer.alloc(0), [], 3)
    await producer.flush()
    assert.deepEqual(
      acks.flatMap((a) => a.tokens),
      [1, 2, 3],
    )
    assert.deepEqual(acks[0]?.timestamps, [1000, 900, 1100])
    await using fetcher = openFetcher(cluster, earliest)
    fetcher.assign([{ topic, partition: 0, offset: null }])
    const [a, b, c] = await pollUntil(fetcher, (records) => records.length >= 3)
    assert.deepEqual([a!.offset, a!.timestamp, String(a!.key), textOf(a!)], [0, 1000, 'key', 'Grüße'])
    assert.deepEqual(
      a!.headers.map((h) => [h.key, h.value && String(h.value)]),
      [
        ['h', 'x'],
        ['h', null],
      ],
    )
    assert.deepEqual([b!.timestamp, b!.key, b!.value], [900, null, null])
    assert.deepEqual([[...c!.key!], c!.value!.length], [[0, 255], 0])
  })

  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    test(`thousands of records over three partitions keep their order (${codec})`, async () => {
      await using opened = openTarget(target)
      const { cluster } = opened
      const topic = await opened.topic(3)
      const acks: Acknowledged<string>[] = []
      const props = { 'compression.type': codec, 'batch.size': '20000' }
      await using producer = openProducer<string>(cluster, props, { acknowledged: (b) => acks.push(b) })
      const values = numbered(9_000, 'value number ')
      for (const [i, value] of values.entries()) await enqueue(producer, topic, i % 3, value, value)
      await producer.flush()
      await using fetcher = openFetcher(cluster, earliest)
      fetcher.assign([0, 1, 2].map((partition) => ({ topic, partition, offset: null })))
      const parts: string[][] = [[], [], []]
      await pollUntil(fetcher, (records, batches) => {
        if (records.length < values.length) return false
        for (const batch of batches) parts[batch.partition]?.push(...batch.records.map(textOf))
        return true
      })
      for (const [p, part] of parts.entries()) {
        const sent = values.filter((_, i) => i % 3 === p)
        assert.deepEqual(part, sent)
        const own = acks.filter((a) => a.partition === p)
        assert.deepEqual(
          own.flatMap((a) => a.tokens),
          sent,
        )
        let next = 0
        for (const ack of own) {
          assert.equal(ack.baseOffset, next)
          next += ack.tokens.length
        }
      }
    })

  for (const acks of ['0', '1'])
    test(`acks=${acks} works, without idempotence`, async () => {
      await using opened = openTarget(target)
      const { cluster } = opened
      const topic = await opened.topic(1)
      // a leader that is not in office yet says nothing of what it throws away
      await write(cluster, topic, 0, ['first'])
      await write(cluster, topic, 0, numbered(50), { acks })
      await using fetcher = openFetcher(cluster, earliest)
      fetcher.assign([{ topic, partition: 0, offset: null }])
      const arrived = await pollUntil(fetcher, (r) => r.length >= 51)
      assert.deepEqual(arrived.map(textOf), ['first', ...numbered(50)])
    })

  test('a batch that the broker finds too large is split, and only a record too large by itself fails', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1, { 'max.message.bytes': '2000' })
    const acks: Acknowledged<number>[] = []
    await using producer = openProducer<number>(
      cluster,
      { 'linger.ms': '20' },
      { acknowledged: (b) => acks.push(b) },
    )
    for (let i = 0; i < 40; i++) await enqueue(producer, topic, 0, 'x'.repeat(i === 17 ? 3000 : 300), i)
    await producer.flush()
    assert.deepEqual(
      acks.flatMap((a) => a.tokens),
      Array.from({ length: 40 }, (_, i) => i),
    )
    const failed = acks.filter((a) => a.error !== null)
    assert.deepEqual(
      failed.map((a) => [a.error!.kafka, a.tokens]),
      [['MESSAGE_TOO_LARGE', [17]]],
    )
    const [end] = await opened.admin.listOffsets([{ topic, partition: 0 }], 'latest')
    assert.equal(end!.offset, 39)
  })

  test('a record larger than the fetch size arrives', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    await write(cluster, topic, 0, ['small', 'y'.repeat(300_000), 'last'])
    const props = { ...earliest, 'max.partition.fetch.bytes': '1000', 'fetch.max.bytes': '1000' }
    await using fetcher = openFetcher(cluster, props)
    fetcher.assign([{ topic, partition: 0, offset: null }])
    const records = await pollUntil(fetcher, (r) => r.length >= 3)
    assert.deepEqual(
      records.map((r) => r.value!.length),
      [5, 300_000, 4],
    )
  })

  test('poll gives at most max.poll.records, and what was sought', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    await write(cluster, topic, 0, numbered(100))
    await using fetcher = openFetcher(cluster, { ...earliest, 'max.poll.records': '7' })
    fetcher.assign([{ topic, partition: 0, offset: 90 }])
    let polled = await pollUntil(fetcher, (r) => r.length > 0)
    assert.deepEqual(
      polled.map((r) => r.offset),
      [90, 91, 92, 93, 94, 95, 96],
    )
    assert.equal(fetcher.position(topic, 0), 97)
    assert.equal(fetcher.endOffset(topic, 0), 100)
    fetcher.seek(topic, 0, 42)
    polled = await pollUntil(fetcher, (r) => r.length > 0)
    assert.equal(polled[0]!.offset, 42)
    assert.equal(polled.length, 7)
  })

  test('a paused partition gives nothing, and goes on where it was', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(2)
    await write(cluster, topic, 0, numbered(30, 'a'))
    await write(cluster, topic, 1, numbered(30, 'b'))
    await using fetcher = openFetcher(cluster, { ...earliest, 'max.poll.records': '10' })
    fetcher.assign([0, 1].map((partition) => ({ topic, partition, offset: null })))
    fetcher.pause(topic, 0)
    const first = await pollUntil(fetcher, (r) => r.length >= 30)
    assert.deepEqual(first.map(textOf), numbered(30, 'b'))
    assert.deepEqual(await fetcher.poll(50), [])
    fetcher.resume(topic, 0)
    assert.deepEqual((await pollUntil(fetcher, (r) => r.length >= 30)).map(textOf), numbered(30, 'a'))
  })

  test('auto.offset.reset decides about an offset that is not there', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    await write(cluster, topic, 0, numbered(10))
    await opened.admin.deleteRecords([{ topic, partition: 0, offset: 4 }])
    await using first = openFetcher(cluster, earliest)
    first.assign([{ topic, partition: 0, offset: 0 }])
    assert.equal((await pollUntil(first, (r) => r.length >= 6))[0]!.offset, 4)
    await using none = openFetcher(cluster, { 'auto.offset.reset': 'none' })
    none.assign([{ topic, partition: 0, offset: 1000 }])
    await assert.rejects(none.poll(10_000), { kafka: 'OFFSET_OUT_OF_RANGE' })
    await assert.rejects(none.poll(10_000), { kafka: 'OFFSET_OUT_OF_RANGE' })
    none.seek(topic, 0, 9)
    assert.deepEqual(
      (await pollUntil(none, (r) => r.length > 0)).map((r) => r.offset),
      [9],
    )
    await using latest = openFetcher(cluster, { 'auto.offset.reset': 'latest' })
    latest.assign([{ topic, partition: 0, offset: null }])
    assert.deepEqual(await latest.poll(300), [])
    await write(cluster, topic, 0, ['new'])
    assert.deepEqual((await pollUntil(latest, (r) => r.length > 0)).map(textOf), ['new'])
  })

  test('an idle partition does not wait for a busy one, nor a poll longer than it should', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(2)
    await write(cluster, topic, 0, numbered(20_000, 'a long value to make many fetches of it '.repeat(4)))
    await using fetcher = openFetcher(cluster, { ...earliest, 'max.partition.fetch.bytes': '65536' })
    fetcher.assign([0, 1].map((partition) => ({ topic, partition, offset: null })))
    await pollUntil(fetcher, (r) => r.length > 1000)
    await write(cluster, topic, 1, ['at last'])
    let busy = 0
    await pollUntil(fetcher, (_, batches) => {
      busy = batches.filter((b) => b.partition === 0).flatMap((b) => b.records).length
      return batches.some((b) => b.partition === 1)
    })
    assert.ok(busy < 19_000, `${busy} records of the busy partition came first`)
    await pollUntil(fetcher, (r) => r.length + busy >= 20_000 - 2_000)
  })

  test('poll ends when its signal aborts, and nothing is lost', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    await using fetcher = openFetcher(cluster, earliest)
    fetcher.assign([{ topic, partition: 0, offset: null }])
    const aborting = new AbortController()
    const polling = fetcher.poll(60_000, aborting.signal)
    setImmediate(() => aborting.abort())
    assert.deepEqual(await polling, [])
    await write(cluster, topic, 0, ['kept'])
    assert.deepEqual((await pollUntil(fetcher, (r) => r.length > 0)).map(textOf), ['kept'])
  })

  test('records for a topic that nobody can have fail with its reason', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    await using producer = openProducer<null>(
      cluster,
      { 'max.block.ms': '500' },
      { acknowledged: () => undefined },
    )
    await assert.rejects(enqueue(producer, 'no such topic, never', null, 'v', null), {
      kafka: 'INVALID_TOPIC_EXCEPTION',
    })
  })

  test('partitions that are added get records', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    await write(cluster, topic, 0, ['before'])
    await opened.admin.createPartitions(topic, 3)
    await write(cluster, topic, 2, ['after'])
    await using fetcher = openFetcher(cluster, earliest)
    fetcher.assign([{ topic, partition: 2, offset: null }])
    assert.deepEqual((await pollUntil(fetcher, (r) => r.length > 0)).map(textOf), ['after'])
  })

  test('a topic that was deleted and made again is written from its beginning', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const { admin } = opened
    const topic = await opened.topic(1)
    const acks: Acknowledged<string>[] = []
    await using producer = openProducer<string>(cluster, {}, { acknowledged: (b) => acks.push(b) })
    for (const value of numbered(5)) await enqueue(producer, topic, 0, value, value)
    await producer.flush()
    await admin.deleteTopics([topic])
    let made: Error | null | undefined = null
    const deadline = Date.now() + 15_000
    do {
      const results = await admin.createTopics([{ name: topic, partitions: 1, replicationFactor: 1 }])
      made = results.get(topic)
    } while (made && Date.now() < deadline)
    assert.equal(made, null)
    for (const value of numbered(5, 'w')) await enqueue(producer, topic, 0, value, value)
    await producer.flush()
    assert.deepEqual(
      acks.map((a) => a.error),
      acks.map(() => null),
    )
    await using fetcher = openFetcher(cluster, earliest)
    fetcher.assign([{ topic, partition: 0, offset: null }])
    const records = await pollUntil(fetcher, (r) => r.length >= 5)
    assert.deepEqual(records.map(textOf), numbered(5, 'w'))
  })
}
