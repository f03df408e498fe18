import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { schema } from '@isthmus/sdk'
import { runWorker, type TestWorker } from '../index.ts'
import { Reversed } from '../testing/plugins/counter/index.ts'

let worker: TestWorker
let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-testkit-test-'))
  worker = await runWorker({
    plugins: [new URL('../testing/plugins', import.meta.url)],
    converters: [Reversed],
  })
})
after(async () => {
  await worker?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const counter = (topic: string, more = {}) => ({ 'connector.class': 'testkit.Counter', topic, ...more })
const valuesOf = (records: readonly { readonly value: unknown }[]) => records.map(({ value }) => value)
const ids = (records: readonly { readonly value: unknown }[]) =>
  records.map(({ value }) => (value as { id: number }).id)

test('a plugin of a folder runs, and its records come out as values', async () => {
  await worker.connect('counter', counter('numbers', { last: '2' }))
  const records = await worker.records('numbers', { count: 3 })
  const [{ timestamp, ...first }] = records as [(typeof records)[0]]
  assert.ok(Math.abs(timestamp - Date.now()) < 60_000)
  assert.deepEqual(first, {
    topic: 'numbers',
    partition: 0,
    offset: 0,
    key: 'k0',
    keySchema: null,
    value: { id: 0, name: 'n0' },
    valueSchema: null,
    headers: [{ key: 'parity', schema: schema.string(), value: 'even' }],
  })
  assert.deepEqual(ids(records), [0, 1, 2])
  await worker.until('the last offset was stored', async () =>
    (await worker.offsets('counter')).some(({ offset }) => offset?.['next'] === 3),
  )
})

test('killed and started again, connectors go on where their offsets are', async () => {
  const told = worker.pid
  await worker.kill()
  await worker.connect('none', counter('none')).then(
    () => assert.fail('a worker that was killed answers nothing'),
    () => {},
  )
  await worker.restart()
  assert.notEqual(worker.pid, told)
  await worker.connect('counter', counter('numbers', { last: '5' }))
  const records = await worker.records('numbers', { until: (all) => new Set(ids(all)).size === 6 })
  assert.deepEqual([...new Set(ids(records))], [0, 1, 2, 3, 4, 5])
  assert.equal(await worker.stop(), 0)
  await worker.restart()
  assert.equal((await worker.client.status('counter')).connector.state, 'RUNNING')
})

test('what is produced arrives at a sink as values, by converters that are told, or are the author’s own', async () => {
  const STRING = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }
  const file = join(folder, 'lines.txt')
  const headers = [{ key: 'h', value: 'v' }]
  await worker.createTopic({ name: 'lines', partitions: 2, config: { 'retention.ms': '-1' } })
  await worker.produce(
    'lines',
    [
      { value: 'one', partition: 1, headers, timestamp: 5 },
      { key: 'k', value: 'two', partition: 0 },
    ],
    { converters: STRING },
  )
  await worker.connect('lines', { 'connector.class': 'FileStreamSink', topics: 'lines', file, ...STRING })
  await worker.until('both lines', async () => {
    const text = await readFile(file, 'utf8')
    return text.includes('one\n') && text.includes('two\n')
  })
  const records = await worker.records('lines', { converters: STRING })
  assert.deepEqual(
    records.map(({ partition, key, value }) => ({ partition, key, value })),
    [
      { partition: 0, key: 'k', value: 'two' },
      { partition: 1, key: null, value: 'one' },
    ],
  )
  assert.equal(records[1]?.timestamp, 5)
  assert.deepEqual(records[1]?.headers, [{ key: 'h', schema: schema.string(), value: 'v' }])
  await worker.until('both offsets', async () => (await worker.offsets('lines')).length === 2)

  const REVERSED = { converters: { 'value.converter': 'testkit.ReversedConverter' } }
  await worker.produce('reversed', [{ value: 'abc' }, { value: null }], REVERSED)
  assert.deepEqual(valuesOf(await worker.records('reversed', REVERSED)), ['abc', null])
  assert.deepEqual(valuesOf(await worker.records('reversed', { converters: STRING })), ['cba', null])
  await assert.rejects(
    worker.records('reversed', { converters: { 'value.converter': 'my.Unknown' } }),
    /value\.converter: .*my\.Unknown.*'converters'/,
  )
  assert.deepEqual(await worker.records('empty', { count: 0 }), [])
})

test('what fails is told with its trace', async () => {
  await assert.rejects(
    worker.connect('failing', counter('failing', { bad: '0' })).then(async () => {
      // the first poll may come after the task has been seen running
      throw new Error(await worker.failure('failing'))
    }),
    /cannot count to 0[\s\S]*index\.ts/,
  )
  await assert.rejects(worker.connect('wrong', counter('x', { last: 'many' })), /Invalid value many/)
})

test('a worker that hears nothing of its broker goes on when that answers again', async () => {
  worker.pauseBroker()
  await worker.connect('paused', counter('paused', { last: '4' }))
  await assert.rejects(worker.records('paused', { count: 1, withinMs: 100 }), /0 came/)
  worker.resumeBroker()
  assert.deepEqual(ids(await worker.records('paused', { count: 5 })), [0, 1, 2, 3, 4])
})

test('what does not come is told with what did, and the last lines of the log', async () => {
  await worker.produce('few', [{ value: { id: 1 } }])
  await assert.rejects(worker.records('few', { count: 2, withinMs: 200 }), (error: Error) => {
    assert.match(
      error.message,
      /^200 ms went by before topic few had 2 records; 1 came: \[\{"key":null,"value":\{"id":1\}\}\]\. The worker's last lines:\n {2}/,
    )
    return true
  })
  await assert.rejects(
    worker.until('it snowed', () => false, { withinMs: 1 }),
    /^Error: 1 ms went by before it snowed\./,
  )
  await assert.rejects(worker.logged('never printed', { withinMs: 1 }), /before it had printed never printed/)
  await worker.logged(/Kafka Connect started in \d+ ms/)
})

test('a worker that cannot start says why at once', async () => {
  await assert.rejects(
    runWorker({ props: { 'value.converter': 'my.Missing' } }),
    /the worker ended with 2 before it had started\.[\s\S]*my\.Missing/,
  )
})

test('the worker and its folder are gone when the process of the test is killed', async () => {
  const script = fileURLToPath(new URL('../testing/run-and-print.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const told = JSON.parse(String(line)) as { pid: number; folder: string }
  assert.ok(existsSync(told.folder))
  child.kill('SIGKILL')
  const deadline = performance.now() + 20_000
  while (runs(told.pid) || existsSync(told.folder)) {
    assert.ok(performance.now() < deadline, `process ${told.pid} or ${told.folder} is still there`)
    await wait(20)
  }
})

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
