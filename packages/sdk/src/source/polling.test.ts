import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retriable } from '../errors.ts'
import { type SourceRecord, sourceRecord } from '../record.ts'
import { type MovedClock, movedClock } from '../testing/moved-clock.ts'
import { type Polled, type PollingOptions, polling } from './polling.ts'

const record = (value: number): SourceRecord =>
  sourceRecord({ sourcePartition: { a: 1 }, sourceOffset: { value }, topic: 't', value })

/** A source that answers each question in turn, and then with nothing; when it was asked, and what was logged. */
function rig(answers: readonly (() => Polled | Promise<Polled>)[], options: PollingOptions) {
  const clock: MovedClock = movedClock(0)
  const asked: number[] = []
  const lines: string[] = []
  const line = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const left = [...answers]
  const poll = polling({ clock, log }, options, () => {
    asked.push(clock.now())
    return left.shift()?.() ?? null
  })
  return { clock, asked, lines, poll }
}

const throwing = (error: unknown) => () => {
  throw error
}

test('asks at once, then at every interval, whatever the answers take', async () => {
  const { clock, asked, poll } = rig([() => [record(1)], () => [record(2)], () => null, () => []], {
    intervalMs: 1000,
  })
  const { signal } = new AbortController()
  assert.deepEqual((await poll(signal))?.length, 1)
  await clock.pass(300)
  const second = poll(signal)
  await clock.pass(700)
  assert.equal((await second)?.length, 1)
  const stop = new AbortController()
  const third = poll(stop.signal)
  await clock.pass(2500)
  assert.deepEqual(asked, [0, 1000, 2000, 3000])
  stop.abort()
  assert.equal(await third, null)
  assert.equal(clock.waiting, 0)
})

test('an answer that has more is followed at once, also where it has no records', async () => {
  const { asked, poll } = rig(
    [
      () => ({ records: [record(1)], again: true }),
      () => ({ records: [], again: true }),
      () => ({ records: [record(2)] }),
    ],
    { intervalMs: 1000 },
  )
  const { signal } = new AbortController()
  await poll(signal)
  const [second] = (await poll(signal)) ?? []
  assert.equal(second?.value, 2)
  assert.deepEqual(asked, [0, 0, 0])
})

test('a source that always has more and never a record can be stopped', async () => {
  const stop = new AbortController()
  let asked = 0
  const poll = polling({ clock: movedClock(), log: console }, { intervalMs: 1000 }, () => {
    asked++
    if (asked === 3) setImmediate(() => stop.abort())
    return { records: [], again: true }
  })
  assert.equal(await poll(stop.signal), null)
})

test('after retriable errors it waits within the bounds, twice as long each time, and says so without flooding the log', async () => {
  const failures = 12
  const backoff = { minMs: 100, maxMs: 5000 }
  const { clock, asked, lines, poll } = rig(
    [...Array(failures).fill(throwing(retriable('away'))), () => [record(1)], throwing(retriable('away'))],
    { intervalMs: 10, backoff },
  )
  const polled = poll(new AbortController().signal)
  await clock.pass(60_000)
  assert.equal((await polled)?.length, 1)
  const waits = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
  assert.equal(waits.length, failures)
  waits.forEach((ms, index) => {
    const most = Math.min(5000, 200 * 2 ** index)
    assert.ok(
      ms >= Math.min(most / 2, 5000) && ms <= most,
      `wait ${index + 1} is ${ms} ms of at most ${most}`,
    )
  })
  assert.ok(
    waits.some((ms, index) => ms !== Math.min(5000, 200 * 2 ** index)),
    'there is no chance in it',
  )
  assert.equal(lines.filter((line) => line.startsWith('warn')).length, 1)
  assert.match(lines.at(-1) ?? '', /^info The source can be read again, after 12 failed attempts$/)
  // it begins anew after a success
  const stop = new AbortController()
  const next = poll(stop.signal)
  await clock.pass(11)
  assert.equal(lines.filter((line) => line.startsWith('warn')).length, 2)
  const before = asked.length
  await clock.pass(200)
  assert.ok(asked.length > before)
  stop.abort()
  await next
})

test('the back-off goes on over a pause of the connector', async () => {
  const { clock, asked, poll } = rig([throwing(retriable('away'))], {
    intervalMs: 1,
    backoff: { minMs: 1000, maxMs: 1000 },
  })
  const pause = new AbortController()
  const first = poll(pause.signal)
  await clock.pass(1)
  pause.abort()
  assert.equal(await first, null)
  const stop = new AbortController()
  const second = poll(stop.signal)
  await clock.pass(400)
  assert.deepEqual(asked, [0])
  await clock.pass(601)
  assert.equal(asked.length > 1, true)
  stop.abort()
  await second
})

test('any other error comes out of it; what a question throws that was told to settle does not', async () => {
  const { poll } = rig([throwing(new Error('broken'))], { intervalMs: 1 })
  await assert.rejects(poll(new AbortController().signal), /^Error: broken$/)
  const stop = new AbortController()
  const patient = polling(
    { clock: movedClock(), log: console },
    { intervalMs: 1 },
    (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up')))),
  )
  const polled = patient(stop.signal)
  stop.abort()
  assert.equal(await polled, null)
  assert.equal(await patient(AbortSignal.abort()), null)
})

test('what a question answers that was told to settle counts', async () => {
  const stop = new AbortController()
  const poll = polling(
    { clock: movedClock(), log: console },
    { intervalMs: 1 },
    (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve([record(7)]))),
  )
  const polled = poll(stop.signal)
  stop.abort()
  assert.equal((await polled)?.[0]?.value, 7)
})

test('a clock that is set back holds nothing up', async () => {
  const { clock, asked, poll } = rig([() => [record(1)]], { intervalMs: 1000 })
  const stop = new AbortController()
  await poll(stop.signal)
  clock.set(-3_600_000)
  const second = poll(stop.signal)
  await clock.pass(1000)
  assert.equal(asked.length, 2)
  stop.abort()
  await second
})
