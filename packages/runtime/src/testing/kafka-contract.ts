import assert from 'node:assert/strict'
import { it } from 'node:test'
import { counting, NO_RESTARTS } from '../state/restart-request.ts'
import { goldenTopics } from './golden-topics.ts'
import { type KafkaPlace, produce, recordsIn } from './kafka-rig.ts'
import { until } from './until.ts'

/** What stores in topics promise beyond the others, whatever the broker. */
export function kafkaStoresContract(openPlace: () => KafkaPlace): void {
  it('workers see what others configure, and whoever comes later the same', async () => {
    await using place = openPlace()
    await using one = await place.openConfigs()
    assert.equal(one.snapshot().offset, -1)
    await using two = await place.openConfigs()
    await one.append({ type: 'connector', name: 'a', config: { of: 'one' } })
    await two.append({ type: 'connector', name: 'b', config: { of: 'two' } })
    assert.deepEqual([...two.snapshot().connectors.keys()], ['a', 'b'])
    await one.append({ type: 'tasks', name: 'b', configs: [{ n: '0' }] })
    await two.append({ type: 'target', name: 'a', state: 'STOPPED' })
    await Promise.all([one.refresh(30_000), two.refresh(30_000)])
    assert.deepEqual(one.snapshot(), two.snapshot())
    await using late = await place.openConfigs()
    assert.deepEqual(late.snapshot(), two.snapshot())
    assert.equal(late.snapshot().offset, 5)
  })

  it('restarts and log levels are heard by all who are there, and by nobody who comes later', async () => {
    await using place = openPlace()
    await using store = await place.openConfigs()
    await using other = await place.openConfigs()
    const request = { connector: 'a', includeTasks: true, onlyFailed: false }
    await store.append({ type: 'connector', name: 'a', config: {} })
    await store.append({ type: 'restart', request })
    await store.append({ type: 'logger', namespace: 'root', level: 'DEBUG' })
    await other.refresh(30_000)
    assert.deepEqual(place.levels, ['root=DEBUG', 'root=DEBUG'])
    assert.deepEqual(other.snapshot().connectors.get('a')?.restarts, counting(NO_RESTARTS, request))
    await using late = await place.openConfigs()
    assert.deepEqual(late.snapshot().connectors.get('a')?.restarts, NO_RESTARTS)
    assert.equal(late.snapshot().offset, store.snapshot().offset)
    assert.equal(place.levels.length, 2)
  })

  it('statuses of one worker are read by the others; what is put is known when it was read back', async () => {
    await using place = openPlace()
    await using one = await place.openStatuses()
    await using two = await place.openStatuses()
    one.putConnector('a', { state: 'RUNNING', workerId: 'one:1', generation: 1, version: null })
    assert.equal(one.connector('a'), undefined)
    await one.flush()
    await until(() => two.connector('a')?.workerId === 'one:1')
    two.putConnector('a', { state: 'PAUSED', workerId: 'two:1', generation: 2, version: null })
    await until(() => one.connector('a')?.workerId === 'two:1')
    one.putConnector('a', { state: 'UNASSIGNED', workerId: 'one:1', generation: 1, version: null }, 1)
    await one.flush()
    const keys = (await recordsIn(place, place.statuses.name)).map(({ value }) => JSON.parse(value!).state)
    assert.deepEqual(keys, ['RUNNING', 'PAUSED'])
    await using late = await place.openStatuses()
    assert.equal(late.connector('a')?.state, 'PAUSED')
  })

  it('who has an instance has the last word on it', async () => {
    await using place = openPlace()
    await using one = await place.openStatuses()
    await using two = await place.openStatuses()
    two.putConnector('a', { state: 'RUNNING', workerId: 'two:1', generation: 2, version: null })
    await two.flush()
    // a worker that had it once, and began later than the other did
    one.putConnector('a', { state: 'UNASSIGNED', workerId: 'one:1', generation: 3, version: null }, 3)
    await one.flush()
    const written = async () =>
      (await recordsIn(place, place.statuses.name)).map(({ value }) => JSON.parse(value!).state)
    await until(async () => (await written()).length === 3)
    assert.deepEqual(await written(), ['RUNNING', 'UNASSIGNED', 'RUNNING'])
    await until(() => one.connector('a')?.state === 'RUNNING')
    await using late = await place.openStatuses()
    assert.equal(late.connector('a')?.workerId, 'two:1')
  })

  it('the last word of the worker that had a task before is not the news; that of the one that has it is', async () => {
    await using place = openPlace()
    await using store = await place.openStatuses()
    const put = async (
      task: number,
      state: 'RUNNING' | 'UNASSIGNED',
      workerId: string,
      generation: number,
    ) => {
      store.putTask('a', task, { state, workerId, generation, version: null })
      await store.flush()
    }
    for (const task of [0, 1]) await put(task, 'RUNNING', 'new:1', 5)
    await until(() => store.tasks('a').length === 2)
    await put(0, 'UNASSIGNED', 'old:1', 5)
    await put(1, 'UNASSIGNED', 'new:1', 5)
    await until(() => store.task('a', 1)?.state === 'UNASSIGNED')
    await using late = await place.openStatuses()
    assert.equal(late.task('a', 0)?.workerId, 'new:1')
    assert.equal(late.task('a', 0)?.state, 'RUNNING')
    assert.equal(late.task('a', 1)?.state, 'UNASSIGNED')
  })

  it('an offset that one worker has written is read by another, under the key bytes it had', async () => {
    await using place = openPlace()
    await using one = await place.openOffsets()
    await using two = await place.openOffsets()
    await one.write('c', [[{ db: 'd', table: 't' }, { id: 1 }]])
    assert.deepEqual(await two.read('c', [{ table: 't', db: 'd' }]), [{ id: 1 }])
    await two.write('c', [[{ table: 't', db: 'd' }, { id: 2 }]])
    assert.deepEqual(await one.read('c', [{ db: 'd', table: 't' }]), [{ id: 2 }])
    const keys = new Set((await recordsIn(place, place.offsets.name)).map(({ key }) => key))
    assert.deepEqual([...keys], ['["c",{"db":"d","table":"t"}]'])
  })

  it('an offset keeps its key bytes also where it is written again before it was read back', async () => {
    await using place = openPlace()
    await using store = await place.openOffsets()
    await Promise.all([
      store.write('c', [[{ db: 'd', table: 't' }, { id: 1 }]]),
      store.write('c', [[{ table: 't', db: 'd' }, { id: 2 }]]),
    ])
    const keys = new Set((await recordsIn(place, place.offsets.name)).map(({ key }) => key))
    assert.deepEqual([...keys], ['["c",{"db":"d","table":"t"}]'])
    assert.deepEqual(await store.read('c', [{ db: 'd', table: 't' }]), [{ id: 2 }])
  })

  it('a hundred tasks may ask for their offsets at once', async () => {
    await using place = openPlace()
    await using store = await place.openOffsets()
    const partitions = Array.from({ length: 100 }, (_, part) => ({ part }))
    await store.write(
      'c',
      partitions.map((partition) => [partition, { next: partition.part }]),
    )
    const found = await Promise.all(partitions.map((partition) => store.read('c', [partition])))
    assert.deepEqual(
      found.flat(),
      partitions.map(({ part }) => ({ next: part })),
    )
  })

  it('what a Java worker has written is understood, and goes to the same partitions', async () => {
    await using place = openPlace()
    const golden = goldenTopics()
    {
      await using _configs = await place.openConfigs()
      await using _offsets = await place.openOffsets()
      await using _statuses = await place.openStatuses()
    }
    for (const kind of ['configs', 'offsets', 'statuses'] as const) {
      await produce(place, place[kind].name, golden[kind])
      const byPartition = (records: readonly { partition: number; key: string | null }[]) =>
        [...records].sort((a, b) => a.partition - b.partition).map(({ partition, key }) => [partition, key])
      assert.deepEqual(byPartition(await recordsIn(place, place[kind].name)), byPartition(golden[kind]))
    }
    await using configs = await place.openConfigs()
    assert.deepEqual([...configs.snapshot().connectors.keys()], ['bad'])
    await using offsets = await place.openOffsets()
    assert.deepEqual(await offsets.all('source-1'), [
      [{ filename: '/tmp/st/golden/in.txt' }, { position: 8 }],
    ])
    await using statuses = await place.openStatuses()
    assert.deepEqual(statuses.connectors(), ['bad'])
    assert.deepEqual(statuses.topics('source-1'), [])
    assert.deepEqual(statuses.task('bad', 0), {
      state: 'UNASSIGNED',
      workerId: '127.0.0.1:18383',
      generation: 20,
      version: null,
    })
  })

  it('records that nobody should have written are left out, and the others read', async () => {
    await using place = openPlace()
    {
      await using configs = await place.openConfigs()
      await using offsets = await place.openOffsets()
      await using statuses = await place.openStatuses()
      await configs.append({ type: 'connector', name: 'a', config: {} })
      await offsets.write('c', [[{ p: 1 }, { next: 1 }]])
      statuses.putConnector('a', { state: 'RUNNING', workerId: 'w', generation: 0, version: null })
      await statuses.flush()
    }
    const nonsense = [
      { key: '', value: '' },
      { key: '\u0000\uffff', value: 'x' },
      { key: '["c"]', value: '{}' },
      { key: '["c",{"p":1},2]', value: '{}' },
      { key: '["c",[]]', value: '{}' },
      { key: '["c",{"p":1}]', value: '[1]' },
      { key: '["c",{"p":1}]', value: 'x'.repeat(500_000) },
      { key: 'connector-a', value: '{"properties":' },
      { key: 'connector-b', value: '['.repeat(500_000) },
      { key: 'status-connector-a', value: '{"state":"RUNNING"}' },
      { key: 'status-connector-a', value: '{"state":"DESTROYED","worker_id":"w","generation":1}' },
      { key: 'status-task-a', value: '{"state":"RUNNING","worker_id":"w","generation":1}' },
      { key: 'status-task-a-x', value: '{"state":"RUNNING","worker_id":"w","generation":1}' },
      { key: 'status-topic-t', value: '{}' },
      { key: 'status-topic-t:connector-a', value: '{"topic":5}' },
    ]
    for (const kind of ['configs', 'offsets', 'statuses'] as const)
      await produce(place, place[kind].name, nonsense)
    await using configs = await place.openConfigs()
    await using offsets = await place.openOffsets()
    await using statuses = await place.openStatuses()
    assert.deepEqual([...configs.snapshot().connectors.keys()], ['a'])
    assert.deepEqual(await offsets.all('c'), [[{ p: 1 }, { next: 1 }]])
    assert.equal(statuses.connector('a')?.state, 'RUNNING')
    assert.deepEqual(statuses.tasks('a'), [])
    assert.deepEqual(statuses.topics('a'), [])
    assert.ok(place.lines.every(({ message }) => message.length < 5000))
    await configs.append({ type: 'connector', name: 'b', config: {} })
    assert.equal(configs.snapshot().connectors.size, 2)
  })

  it('a status too large to be written keeps no other from it', async () => {
    await using place = openPlace()
    await using store = await place.openStatuses()
    const seen = { workerId: 'w', generation: 0, version: null }
    store.putTask('a', 0, { ...seen, state: 'FAILED', trace: 'x'.repeat(2_000_000) })
    store.putTask('a', 1, { ...seen, state: 'RUNNING' })
    await store.flush()
    await until(() => store.task('a', 1) !== undefined)
    assert.equal(store.task('a', 0), undefined)
    assert.deepEqual(
      place.lines.filter(({ level }) => level === 'error').map(({ message }) => message.slice(0, 48)),
      ['The status status-task-a-0 could not be written:'],
    )
  })

  it('a config too large to be written is refused with the reason', async () => {
    await using place = openPlace()
    await using store = await place.openConfigs()
    await assert.rejects(
      store.append({ type: 'connector', name: 'a', config: { x: 'x'.repeat(2_000_000) } }),
      { code: 'connect', message: /^Error writing connector configuration to Kafka: ./ },
    )
    await store.append({ type: 'connector', name: 'a', config: {} })
    assert.equal(store.snapshot().connectors.size, 1)
  })

  it('ends with what it waits for', async () => {
    await using place = openPlace()
    const configs = await place.openConfigs()
    const offsets = await place.openOffsets()
    const statuses = await place.openStatuses()
    await Promise.all([configs, offsets, statuses].map((store) => store[Symbol.asyncDispose]()))
    await Promise.all([configs, offsets, statuses].map((store) => store[Symbol.asyncDispose]()))
    await assert.rejects(configs.append({ type: 'connector', name: 'a', config: {} }))
    await assert.rejects(configs.refresh(1000))
    await assert.rejects(offsets.read('c', [{ p: 1 }]))
    await assert.rejects(offsets.write('c', [[{ p: 1 }, { next: 1 }]]))
    statuses.putConnector('a', { state: 'RUNNING', workerId: 'w', generation: 0, version: null })
    await statuses.flush()
  })
}
