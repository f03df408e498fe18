import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { retriable, type SinkRecord } from '@isthmus/sdk'
import { convertWords, openSinkLoop } from '../../testing/sink-loop.ts'
import { until } from '../../testing/until.ts'
import { ABANDONED } from '../errors/tolerance.ts'

const valuesOf = (records: readonly SinkRecord[]) => records.map(({ value }) => String(value))
const topicOf = (topic: string) => [{ topic, partition: 0 }]

describe('the loop of a sink task, wherever something fails', () => {
  it('preCommit throws before anything was ever committed: back to where reading began', async () => {
    const put: string[] = []
    let failures = 1
    const loop = openSinkLoop(
      { t: ['a', 'b'] },
      {
        task: () => ({
          put: (records) => void put.push(...valuesOf(records)),
          preCommit(offsets) {
            if (put.length >= 2 && failures-- > 0) throw new Error('the batch in my buffer is lost')
            return put.length >= 2 ? offsets : []
          },
        }),
      },
    )
    await loop.assign('t')
    await until(() => loop.commits.length > 0)
    loop.control.stop()
    await loop.ended
    assert.deepEqual(loop.seeks, ['t:0'])
    assert.deepEqual(put, ['a', 'b', 'a', 'b'])
    assert.equal(loop.commits.at(-1), 't:2')
  })

  it('a task that takes records out of its array and then asks for all again gets all again', async () => {
    const put: string[] = []
    let failures = 2
    const loop = openSinkLoop(
      { t: ['a'] },
      {
        task: (context) => ({
          put(records) {
            const mine = records as SinkRecord[]
            for (let one = mine.shift(); one !== undefined; one = mine.shift()) {
              if (failures-- > 0) {
                context.retryAfter(1)
                throw retriable('the target is away')
              }
              put.push(String(one.value))
            }
          },
        }),
      },
    )
    await loop.assign('t')
    await until(() => loop.commits.includes('t:1'))
    loop.control.stop()
    await loop.ended
    assert.deepEqual(put, ['a'])
  })

  it('waiting for records is a sign of life, also when paused or before a retry; a put that hangs is none', async () => {
    let signs = 0
    const alive = () => void signs++
    const quiet = { patienceMs: 60_000, commitIntervalMs: 60_000, alive }
    const ticks = async () => {
      for (let tick = 0; tick < 20; tick++) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const idle = openSinkLoop({ t: [] }, { ...quiet, task: () => ({}) })
    await idle.assign('t')
    await until(() => signs >= 10)
    assert.ok(idle.waits.length <= 2, 'within one poll')
    idle.control.retarget('PAUSED')
    const paused = signs
    await until(() => signs >= paused + 10)
    idle.control.stop()
    await idle.ended

    const retry = (context: { retryAfter(ms: number): void }) => ({
      put(records: readonly SinkRecord[]) {
        if (records.length === 0) return
        context.retryAfter(30_000)
        throw retriable('the target is away')
      },
    })
    const backing = openSinkLoop({ t: ['a'] }, { ...quiet, task: retry })
    await backing.assign('t')
    await until(() => backing.waits.includes(30_000))
    const before = signs
    await until(() => signs >= before + 10)
    backing.control.stop()
    await backing.ended

    const put = Promise.withResolvers<void>()
    const given = Promise.withResolvers<void>()
    const hung = openSinkLoop(
      { t: ['a'] },
      {
        ...quiet,
        task: () => ({
          put(records) {
            if (records.length === 0) return undefined
            given.resolve()
            return put.promise
          },
        }),
      },
    )
    await hung.assign('t')
    await given.promise
    const last = signs
    await ticks()
    assert.equal(signs, last)
    put.resolve()
    hung.control.stop()
    await hung.ended
  })

  it('stop while a record is tried again: nothing of its fetch is put or committed', async () => {
    const put: string[] = []
    const second = Promise.withResolvers<void>()
    const loop = openSinkLoop(
      { t: ['a', 'busy'] },
      {
        commitIntervalMs: 60_000,
        task: () => ({ put: (records) => void put.push(...valuesOf(records)) }),
        convert(batch, into) {
          if (String(batch.records[0]?.value) !== 'busy') return convertWords(batch, into)
          second.resolve()
          return new Promise((resolve) =>
            loop.control.stopped.addEventListener('abort', () => resolve(ABANDONED), { once: true }),
          )
        },
      },
    )
    await loop.assign('t')
    await second.promise
    loop.control.stop()
    await loop.ended
    assert.deepEqual([put, loop.commits], [['a'], ['t:1']])
  })

  it('what preCommit returns beyond what was put, or what is no offset, is not committed', async () => {
    let round = 0
    const wrong = [99, Number.NaN, -1, 0.5]
    const loop = openSinkLoop(
      { t: ['a'] },
      {
        task: () => ({
          preCommit: (offsets) => offsets.map((one) => ({ ...one, offset: wrong[round++] ?? one.offset })),
        }),
      },
    )
    await loop.assign('t')
    await until(() => loop.commits.length > 0)
    loop.control.stop()
    await loop.ended
    assert.deepEqual(loop.commits, ['t:1'])
    const complaints = loop.lines.filter(({ message }) =>
      message.startsWith('Ignoring invalid task provided'),
    )
    assert.ok(complaints.length >= wrong.length)
  })

  it('a preCommit that returns no offsets fails the task instead of going back for ever', async () => {
    const loop = openSinkLoop({ t: ['a'] }, { task: () => ({ preCommit: () => undefined as never }) })
    await loop.assign('t')
    await assert.rejects(loop.ended, {
      code: 'plugin',
      message:
        /^'preCommit' of the task of my\.Sink has returned undefined: it returns an array of \{ topic,/,
    })
  })

  it('what put answers with is told to be heeded by nobody, once', async () => {
    let puts = 0
    const loop = openSinkLoop({ t: ['a'] }, { task: () => ({ put: async () => (puts++ > -1) as never }) })
    await loop.assign('t')
    await until(() => puts > 3)
    loop.control.stop()
    await loop.ended
    const told = loop.lines.filter(({ message }) => message.includes('which nobody heeds'))
    assert.match(
      told[0]?.message ?? '',
      /^'put' of the task of my\.Sink answers with true, which nobody heeds: /,
    )
    assert.equal(told.length, 1)
  })

  it('closing fails while partitions are revoked: the group goes on, and what was revoked is not committed again', async () => {
    const asked: string[] = []
    const put: string[] = []
    const loop = openSinkLoop(
      { one: ['a'], two: ['b'] },
      {
        commitIntervalMs: 60_000,
        task: () => ({
          put: (records) => void put.push(...valuesOf(records)),
          preCommit(offsets) {
            asked.push(offsets.map(({ topic }) => topic).join())
            return offsets
          },
          close(partitions) {
            if (partitions.some(({ topic }) => topic === 'one')) throw new Error('cannot close')
          },
        }),
      },
    )
    await loop.assign('one', 'two')
    await until(() => put.length === 2)
    await loop.change({ type: 'revoked', partitions: topicOf('one') })
    await assert.rejects(loop.ended, { message: 'cannot close' })
    assert.deepEqual(asked, ['one', 'two'])
    assert.deepEqual(loop.commits, ['two:1'])
  })

  it('the error of put is what the task fails with, also when closing fails as well', async () => {
    const loop = openSinkLoop(
      { t: ['a'] },
      {
        task: () => ({
          put(records) {
            if (records.length > 0) throw new Error('cannot put')
          },
          close() {
            throw new Error('cannot close')
          },
        }),
      },
    )
    await loop.assign('t')
    await assert.rejects(loop.ended, (error: Error) => (error.cause as Error).message === 'cannot put')
    assert.ok(loop.lines.some(({ trace }) => trace?.includes('cannot close')))
    assert.deepEqual(loop.commits, [])
  })

  it('a seek is carried out before the next commit: what it takes back is not committed', async () => {
    const put: string[] = []
    const putAtCommit: number[] = []
    const loop = openSinkLoop(
      { t: ['a', 'b'] },
      {
        commitIntervalMs: 0,
        task: (context) => ({
          put(records) {
            put.push(...valuesOf(records))
            if (put.join('') === 'ab') context.seek([{ topic: 't', partition: 0, offset: 0 }])
          },
          preCommit: (offsets) => (put.length >= 2 ? offsets.filter(({ offset }) => offset === 2) : []),
        }),
        commit: async () => void putAtCommit.push(put.length),
      },
    )
    await loop.assign('t')
    await until(() => loop.commits.length > 0)
    loop.control.stop()
    await loop.ended
    assert.deepEqual(put, ['a', 'b', 'a', 'b'])
    assert.deepEqual([loop.commits, putAtCommit], [['t:2'], [4]])
  })

  it('offsets wait until dead letters are safe, and a stop by force does not wait for those', async () => {
    const deadLetters = Promise.withResolvers<void>()
    const waiting = Promise.withResolvers<void>()
    const loop = openSinkLoop(
      { t: ['a'] },
      {
        task: () => ({}),
        reported() {
          waiting.resolve()
          return deadLetters.promise
        },
      },
    )
    await loop.assign('t')
    await waiting.promise
    assert.deepEqual(loop.commits, [])
    loop.control.cancel()
    await loop.ended
    assert.deepEqual(loop.commits, [])
  })

  it('a commit that takes longer than its interval is waited for, and the next one follows it', async () => {
    const first = Promise.withResolvers<void>()
    let commits = 0
    const loop = openSinkLoop(
      { t: ['a', 'b'] },
      {
        commitIntervalMs: 0,
        task: () => ({}),
        commit: () => (++commits === 1 ? first.promise : Promise.resolve()),
      },
    )
    await loop.assign('t')
    await until(() => commits === 1)
    const polls = loop.waits.length
    await until(() => loop.waits.length > polls + 3)
    const waits = loop.waits.slice(polls)
    assert.ok(Math.min(...waits) > 0, `the loop does not spin: ${waits}`)
    first.resolve()
    await until(() => loop.commits.length === 2)
    loop.control.stop()
    await loop.ended
    assert.deepEqual(loop.commits, ['t:1', 't:2'])
  })

  it('a task that always finds records and never waits is told to stop all the same', async () => {
    let put = 0
    const loop = openSinkLoop(
      { t: Array<string>(50_000).fill('a') },
      { task: () => ({ put: () => void put++ }) },
    )
    await loop.assign('t')
    await new Promise(setImmediate)
    loop.control.stop()
    await loop.ended
    assert.ok(put < 50_000)
  })

  it('a commit under way at a revocation does not let the group go on before the last commit', async () => {
    const first = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const last = Promise.withResolvers<void>()
    let commits = 0
    const loop = openSinkLoop(
      { t: ['a', 'b'] },
      {
        task: () => ({}),
        async commit() {
          if (++commits === 1) {
            started.resolve()
            return first.promise
          }
          return last.promise
        },
      },
    )
    await loop.assign('t')
    await started.promise
    let released = false
    const revoked = loop.change({ type: 'revoked', partitions: topicOf('t') }).then(() => {
      released = true
    })
    await until(() => commits === 2)
    assert.equal(released, false)
    first.reject(new Error('the coordinator moved'))
    last.resolve()
    await revoked
    loop.control.stop()
    await loop.ended
    assert.equal(commits, 2, 'nothing is left to commit')
  })

  it('a commit that failed is made again with the next', async () => {
    let failures = 1
    const loop = openSinkLoop(
      { t: ['a'] },
      {
        task: () => ({}),
        async commit() {
          if (failures-- > 0) throw new Error('the coordinator moved')
        },
      },
    )
    await loop.assign('t')
    await until(() => loop.commits.includes('t:1'))
    loop.control.stop()
    await loop.ended
  })

  it('tells the meter of fetches, puts, assignments and commits, and of a commit answered too late', async () => {
    const late = Promise.withResolvers<void>()
    let commits = 0
    const loop = openSinkLoop(
      { t: ['a', 'b'] },
      {
        commitTimeoutMs: 1,
        task: () => ({}),
        commit: () => (++commits === 1 ? late.promise : Promise.resolve()),
      },
    )
    await loop.assign('t')
    await until(() => loop.lines.some(({ message }) => message === 'Commit of offsets timed out'))
    late.resolve()
    await until(() => loop.meter.sums['commit success'] === 1 && loop.meter.sums['commit skip'] === 1)
    loop.control.stop()
    await loop.ended
    assert.deepEqual([loop.meter.sums['read'], loop.meter.sums['put']], [2, 2])
    assert.deepEqual(loop.meter.levels, { partitions: 1, uncommitted: 0 })
  })
})
