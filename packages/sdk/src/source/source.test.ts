import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../clock.ts'
import { retriable } from '../errors.ts'
import type { SourceOffset, SourcePartition } from '../record.ts'
import { movedClock } from '../testing/moved-clock.ts'
import { offsetsOf, pages, rateLimit, watchForChanges } from './index.ts'

test('pages follow one another until there is no cursor, and none is loaded ahead', async () => {
  const loaded: number[] = []
  const load = async (cursor: number) => {
    loaded.push(cursor)
    return { items: [cursor], next: cursor < 3 ? cursor + 1 : null }
  }
  const items: number[] = []
  for await (const page of pages(1, load)) {
    items.push(...page.items)
    assert.deepEqual(loaded, items)
  }
  assert.deepEqual(items, [1, 2, 3])
  for await (const { items } of pages(1, load)) if (items[0] === 2) break
  assert.deepEqual(loaded, [1, 2, 3, 1, 2])
})

test('a page that names itself as the next one ends the loop with an error', async () => {
  await assert.rejects(async () => {
    for await (const _ of pages('x', async () => ({ items: [1], next: 'x' })));
  }, /^ConnectError: The page at x names itself as the next page$/)
})

test('in no stretch of time there are more requests than allowed, whatever the order of calls and pauses', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomOf(seed)
    const requests = 1 + Math.floor(random() * 5)
    const perMs = 10 + Math.floor(random() * 1000)
    const clock = movedClock(0)
    const limit = rateLimit(clock, { requests, perMs })
    const sent: number[] = []
    const order: number[] = []
    let pausedUntil = 0
    let pausedAt = -1
    const calls = Array.from({ length: 60 }, async (_, index) => {
      await clock.wait(Math.floor(random() * 5 * perMs))
      await limit.ready()
      // those that were let through at the very moment of a pause are on their way
      assert.ok(clock.now() >= pausedUntil || clock.now() === pausedAt, `seed ${seed}: sent in a pause`)
      sent.push(clock.now())
      order.push(index)
      if (random() < 0.1) {
        const ms = Math.floor(random() * 2 * perMs)
        pausedUntil = Math.max(pausedUntil, clock.now() + ms)
        pausedAt = clock.now()
        limit.pause(ms)
      }
    })
    await clock.pass(200 * perMs)
    await Promise.all(calls)
    for (let at = requests; at < sent.length; at++)
      assert.ok(
        (sent[at] ?? 0) - (sent[at - requests] ?? 0) >= perMs,
        `seed ${seed}: ${requests + 1} requests in ${(sent[at] ?? 0) - (sent[at - requests] ?? 0)} of ${perMs} ms`,
      )
  }
})

test('requests are let through in their order; one that is given up counts for nothing and keeps nobody', async () => {
  const clock = movedClock(0)
  const limit = rateLimit(clock, { requests: 1, perMs: 100 })
  await limit.ready()
  const seen: string[] = []
  const abort = new AbortController()
  const given = limit.ready(abort.signal).catch((error) => seen.push(`a ${error.name}`))
  const second = limit.ready().then(() => seen.push(`b at ${clock.now()}`))
  abort.abort()
  await clock.pass(100)
  await Promise.all([given, second])
  assert.deepEqual(seen, ['a AbortError', 'b at 100'])
  // the last one that waits takes its timer along
  const alone = new AbortController()
  const waits = limit.ready(alone.signal)
  await clock.pass(0)
  assert.equal(clock.waiting, 1)
  alone.abort()
  await assert.rejects(waits, { name: 'AbortError' })
  assert.equal(clock.waiting, 0)
  const next = limit.ready()
  await clock.pass(100)
  await next
  await assert.rejects(limit.ready(AbortSignal.abort()), { name: 'AbortError' })
})

test('a rate without requests is refused', () => {
  assert.throws(() => rateLimit(movedClock(), { requests: 0, perMs: 1 }), /at least one request/)
  assert.throws(() => rateLimit(movedClock(), { requests: Number.NaN, perMs: 1 }), RangeError)
})

test("offsets have their author's types, and what cannot be one says of which partition", async () => {
  const context = {
    offsets: async (partitions: readonly SourcePartition[]): Promise<readonly (SourceOffset | null)[]> =>
      partitions.map(({ table }) => (table === 'new' ? null : { id: table === 'bad' ? 'x' : 7n })),
  }
  interface Table {
    readonly table: string
  }
  interface Position {
    readonly id: number
  }
  const offsets = offsetsOf<Table, Position>(context, ({ id }) => {
    if (typeof id !== 'bigint') throw new Error('id is no number')
    return { id: Number(id) }
  })
  assert.deepEqual(await offsets.read({ table: 'old' }), { id: 7 })
  assert.deepEqual(await offsets.readAll([{ table: 'new' }, { table: 'old' }]), [null, { id: 7 }])
  await assert.rejects(
    offsets.read({ table: 'bad' }),
    /^ConnectError: The offset that is stored for source partition \{ table: 'bad' \} cannot be used: it is \{ id: 'x' \}: id is no number\. Alter or reset/,
  )
  const record = offsets.record({
    sourcePartition: { table: 't' },
    sourceOffset: { id: 1 },
    topic: 't',
    value: 1,
  })
  assert.deepEqual([record.sourceOffset, record.key], [{ id: 1 }, null])
  // @ts-expect-error: no such field in the partition
  offsets.record({ sourcePartition: { tabel: 't' }, sourceOffset: { id: 1 }, topic: 't', value: 1 })
})

function watched(answers: readonly (() => unknown)[]) {
  const clock = movedClock(0)
  const ended = new AbortController()
  const told: unknown[] = []
  const context = {
    clock,
    signal: ended.signal,
    log: { ...console, warn: (message: string) => void told.push(message) },
    requestTaskReconfiguration: () => void told.push('reconfigure'),
    raiseError: (error: unknown) => void told.push(error),
  }
  const left = [...answers]
  let looks = 0
  const watch = watchForChanges(context, { intervalMs: 1000 }, async () => {
    looks++
    return (left.length > 1 ? left.shift() : left[0])?.()
  })
  return { clock, ended, told, watch, looks: () => looks }
}

test('tasks are configured anew when what is seen differs, compared deeply', async () => {
  const { clock, told, watch } = watched([
    () => ['a'],
    () => ['a'],
    () => ['a', 'b'],
    () => {
      throw retriable('away')
    },
    () => ['a', 'b'],
  ])
  assert.deepEqual(await watch.latest(), ['a'])
  await clock.pass(1500)
  assert.deepEqual(told, [])
  await clock.pass(1000)
  assert.deepEqual(told, ['reconfigure'])
  assert.deepEqual(await watch.latest(), ['a', 'b'])
  await clock.pass(5000)
  assert.equal(told.length, 2)
  assert.match(String(told[1]), /^Could not look for changes/)
  await watch[Symbol.asyncDispose]()
  assert.equal(clock.waiting, 0)
})

test('an error that is not retriable fails the connector, and ends the watch', async () => {
  const broken = new Error('broken')
  const { clock, told, watch, looks } = watched([
    () => 1,
    () => {
      throw broken
    },
  ])
  await watch.latest()
  await clock.pass(5000)
  assert.deepEqual(told, [broken])
  assert.equal(looks(), 2)
  await watch[Symbol.asyncDispose]()
})

test("a watch ends with the connector's signal, and is silent from then on", async () => {
  const { clock, ended, told, watch, looks } = watched([() => 1, () => 2])
  await watch.latest()
  ended.abort()
  await clock.pass(5000)
  assert.deepEqual([told, looks()], [[], 1])
  await watch[Symbol.asyncDispose]()
})

test("what the first look throws comes out of 'latest', and the next question looks again", async () => {
  const { watch } = watched([
    () => {
      throw retriable('away')
    },
    () => 5,
  ])
  await using _ = watch
  await assert.rejects(watch.latest(), /away/)
  assert.equal(await watch.latest(), 5)
})

test("the system's clock waits, and gives a wait up with the reason of its signal", async () => {
  const before = Date.now()
  assert.ok(Math.abs(systemClock.now() - before) < 1000)
  await systemClock.wait(0)
  const reason = new Error('enough')
  await assert.rejects(systemClock.wait(60_000, AbortSignal.abort(reason)), (error) => error === reason)
  const abort = new AbortController()
  // beyond what a timer of Node can hold, which would fire at once
  const long = systemClock.wait(2 ** 40, abort.signal)
  abort.abort(reason)
  await assert.rejects(long, (error) => error === reason)
})

/** Numbers of a seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
