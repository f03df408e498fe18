import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dataError, retriable } from '@isthmus/sdk'
import { loggerOf, silent } from '../../log/log.ts'
import { openCountingMeter } from '../../testing/counting-meter.ts'
import { ABANDONED, DROPPED, type Failure, openTolerance } from './tolerance.ts'

function openFor(policy: { tolerance?: string; timeout?: number; max?: number }) {
  const waits: number[] = []
  const reports: Failure<string>[] = []
  let clock = 0
  const stopping = new AbortController()
  const meter = openCountingMeter()
  const tolerance = openTolerance<string>({
    policy: {
      'errors.tolerance': policy.tolerance ?? 'none',
      'errors.retry.timeout': policy.timeout ?? 0,
      'errors.retry.delay.max.ms': policy.max ?? 60_000,
    },
    whereOf: ({ stage, origin }) => `${stage} of ${origin}`,
    report: (failure) => void reports.push(failure),
    stopping: stopping.signal,
    meter,
    log: loggerOf(silent, 'test'),
    now: () => clock,
    wait: async (ms) => {
      waits.push(ms)
      clock += ms
    },
  })
  return { tolerance, waits, reports, stopping, counts: meter.sums }
}

const failing = (times: number, error: unknown) => {
  let left = times
  return () => {
    if (left-- > 0) throw error
    return 'done'
  }
}

describe('tolerance of errors', () => {
  it('tries retriable errors again: after 300 ms, doubled each time', async () => {
    const { tolerance, waits, counts } = openFor({ timeout: -1 })
    const result = await tolerance.carryOn('TRANSFORMATION', 'X', 'r', failing(4, retriable('busy')), {
      error: retriable('busy'),
    })
    assert.equal(result, 'done')
    assert.deepEqual(waits, [300, 600, 1200, 2400, 4800])
    assert.deepEqual(counts, { 'total-record-failures': 5, 'total-retries': 5 })
  })

  it('gives up at the deadline, and cuts the last wait to it', async () => {
    const { tolerance, waits, reports } = openFor({ timeout: 1000 })
    await assert.rejects(tolerance.carryOn('KEY_CONVERTER', 'X', 'r', failing(9, retriable('busy')), null), {
      message: 'Tolerance exceeded in error handler: KEY_CONVERTER of r',
      cause: retriable('busy'),
    })
    assert.deepEqual(waits, [300, 600, 100])
    assert.equal(reports.length, 1)
  })

  it('waits less than the longest delay, at random, once the doubling passes it', async () => {
    const { tolerance, waits } = openFor({ timeout: -1, max: 400 })
    await tolerance.carryOn('TRANSFORMATION', 'X', 'r', failing(20, retriable('busy')), null)
    assert.equal(waits[0], 300)
    assert.ok(waits.slice(1).every((ms) => ms < 400))
  })

  it('never tries bad data again; drops it where errors are tolerated, after reporting it', async () => {
    const { tolerance, waits, reports, counts } = openFor({ tolerance: 'all', timeout: -1 })
    const error = dataError('bad')
    assert.equal(await tolerance.carryOn('VALUE_CONVERTER', 'X', 'r', failing(1, error), { error }), DROPPED)
    assert.deepEqual(waits, [])
    assert.deepEqual(reports, [{ stage: 'VALUE_CONVERTER', executing: 'X', error, origin: 'r' }])
    assert.deepEqual(counts, {
      'total-record-failures': 1,
      'total-record-errors': 1,
      'total-records-skipped': 1,
    })
  })

  it('takes the promise of a first attempt as that attempt', async () => {
    const { tolerance } = openFor({})
    const again = () => assert.fail('it is not run twice')
    assert.equal(
      await tolerance.carryOn<string>('VALUE_CONVERTER', 'X', 'r', again, { promise: Promise.resolve('v') }),
      'v',
    )
  })

  it('decides nothing about a record when the task is to stop while it would be tried again', async () => {
    for (const policy of ['none', 'all']) {
      const { tolerance, stopping, reports } = openFor({ tolerance: policy, timeout: -1 })
      stopping.abort()
      const again = failing(99, retriable('busy'))
      assert.equal(await tolerance.carryOn('TRANSFORMATION', 'X', 'r', again, null), ABANDONED)
      assert.deepEqual(reports, [])
    }
  })
})
