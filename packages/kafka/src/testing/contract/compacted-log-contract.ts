import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCompactedLog } from '../../compacted-log.ts'
import { KafkaError } from '../../errors.ts'
import type { ClientProps } from '../../properties/types.ts'
import { openTransactionalProducer } from '../../transactions/transactional-producer.ts'
import { type ContractTarget, type Opened, openTarget } from './target.ts'

const fault = (kafka: string) => (error: unknown) => error instanceof KafkaError && error.kafka === kafka

/** A replica of the topic's map, as text. */
async function openReplica({ cluster }: Opened, topic: string, props: ClientProps = {}) {
  const map = new Map<string, string>()
  const offsets: number[] = []
  const log = await openCompactedLog(cluster, props, {
    topic,
    apply({ partition, offset, key, value }) {
      if (partition === 0) offsets.push(offset)
      if (value === null) map.delete(String(key))
      else map.set(String(key), String(value))
    },
  })
  return { ...{ map, offsets, log }, [Symbol.asyncDispose]: () => log[Symbol.asyncDispose]() }
}

export function compactedLogContract(target: ContractTarget): void {
  test('what one replica appends another reads, and a later one from the beginning', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic(3, { 'cleanup.policy': 'compact' })
    await using a = await openReplica(opened, topic)
    await using b = await openReplica(opened, topic)
    assert.equal(a.map.size, 0)
    await a.log.append([
      { key: 'x', value: '1' },
      { key: 'y', value: '2' },
    ])
    await b.log.append([{ key: 'x', value: null }])
    await b.log.append([{ key: 'z', value: Buffer.from('3') }])
    await Promise.all([a.log.readToEnd(), b.log.readToEnd()])
    const expected = new Map([
      ['y', '2'],
      ['z', '3'],
    ])
    assert.deepEqual(new Map([...a.map].sort()), expected)
    assert.deepEqual(new Map([...b.map].sort()), expected)
    await using late = await openReplica(opened, topic, { 'isolation.level': 'read_committed' })
    assert.deepEqual(new Map([...late.map].sort()), expected)
  })

  test('appends keep their order, however many are under way', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic()
    await using replica = await openReplica(opened, topic)
    const appends = Array.from({ length: 500 }, (_, i) => replica.log.append([{ key: 'k', value: `${i}` }]))
    await Promise.all(appends)
    await replica.log.readToEnd()
    assert.equal(replica.map.get('k'), '499')
    assert.deepEqual(
      replica.offsets,
      replica.offsets.map((_, i) => i),
    )
    assert.equal(replica.offsets.length, 500)
  })

  test('appends keep their order and stay together when there is not room for all', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic()
    await using replica = await openReplica(opened, topic, {
      'buffer.memory': '65536',
      'batch.size': '16384',
    })
    const padding = 'x'.repeat(10_000)
    const order: string[] = []
    await using log = await openCompactedLog(
      opened.cluster,
      {},
      {
        topic,
        apply: ({ key }) => order.push(String(key)),
      },
    )
    const keys = Array.from({ length: 40 }, (_, i) => [`${i} a`, `${i} b`, `${i} c`])
    await Promise.all(keys.map((three) => replica.log.append(three.map((key) => ({ key, value: padding })))))
    await log.readToEnd()
    assert.deepEqual(order, keys.flat())
  })

  test('an aborted transaction at the end keeps nobody waiting', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic()
    await using replica = await openReplica(opened, topic, { 'isolation.level': 'read_committed' })
    await replica.log.append([{ key: 'a', value: '1' }])
    await using producer = await openTransactionalProducer<null>(
      opened.cluster,
      { 'transactional.id': target.unique('id') },
      { acknowledged: () => undefined },
    )
    producer.begin()
    await producer.enqueue(topic, 0, null, 'a', '2', [], null)
    await producer.flush()
    const reading = replica.log.readToEnd()
    // by then that wait has begun: it is later in the same queue of requests
    await opened.admin.listOffsets([{ topic, partition: 0 }], 'latest')
    await producer.abort()
    await reading
    assert.equal(replica.map.get('a'), '1')
    await using late = await openReplica(opened, topic, { 'isolation.level': 'read_committed' })
    assert.equal(late.map.get('a'), '1')
  })

  test('records deleted under a reader do not stop it', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic()
    await using writer = await openReplica(opened, topic)
    await writer.log.append([{ key: 'a', value: '1' }])
    await writer.log.append([{ key: 'b', value: '2' }])
    await opened.admin.deleteRecords([{ topic, partition: 0, offset: 1 }])
    await writer.log.readToEnd()
    await using late = await openReplica(opened, topic)
    assert.deepEqual(late.map, new Map([['b', '2']]))
    await opened.admin.deleteRecords([{ topic, partition: 0, offset: 2 }])
    await late.log.readToEnd()
    await using empty = await openReplica(opened, topic)
    assert.equal(empty.map.size, 0)
  })

  test('waiting ends with the signal, and with the log', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic()
    const replica = await openReplica(opened, topic)
    await assert.rejects(replica.log.readToEnd(AbortSignal.abort()), fault('ABORTED'))
    await replica.log.readToEnd()
    const reading = replica.log.readToEnd()
    await replica[Symbol.asyncDispose]()
    await assert.rejects(reading, fault('CLOSED'))
    await assert.rejects(replica.log.append([{ key: 'a', value: 'b' }]), fault('CLOSED'))
    await assert.rejects(replica.log.readToEnd(), fault('CLOSED'))
    const missing = openCompactedLog(
      opened.cluster,
      {},
      { topic: target.unique('none'), apply: () => undefined },
      AbortSignal.timeout(50),
    )
    await assert.rejects(missing, fault('ABORTED'))
  })
}
