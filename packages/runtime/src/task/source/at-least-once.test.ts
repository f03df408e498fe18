import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dataError, retriable } from '@isthmus/sdk'
import { openSourceLoop, polling, recordsOf, step } from '../../testing/source-loop.ts'
import { until } from '../../testing/until.ts'

describe('a source delivered at least once', () => {
  it('what the producer gives up after the last commit is told to nobody: the source must not forget it', async () => {
    const told: unknown[] = []
    const loop = openSourceLoop({
      tolerance: 'all',
      flushTimeoutMs: 20,
      task: { poll: polling(recordsOf('a')), commitRecord: (record) => void told.push(record.value) },
    })
    await until(() => loop.sent().length === 1)
    loop.control.stop()
    await loop.ended
    loop.fail('a')
    assert.deepEqual([told, loop.failures, loop.stored], [[], [], []])
  })

  it('a commit that fails is tried again with all it did not store; the source learns of none before', async () => {
    const attempts: unknown[] = []
    const calls: string[] = []
    const loop = openSourceLoop({
      task: { poll: polling(recordsOf('a b')), commit: () => void calls.push('commit') },
      async storeOffsets(offsets) {
        attempts.push(offsets.map(([, offset]) => offset?.['position']))
        if (attempts.length < 3) throw new Error('no space left on device')
        calls.push('stored')
      },
    })
    await until(() => loop.sent().length === 2)
    calls.length = 0
    loop.acknowledge('a')
    loop.acknowledge('b')
    await until(() => calls.includes('commit'))
    loop.control.stop()
    await loop.ended
    assert.deepEqual(attempts, [[2], [2], [2]])
    assert.deepEqual(calls.slice(0, 2), ['stored', 'commit'])
    assert.match(String(loop.lines[0]?.message), /tried again at the next commit: no space left on device/)
  })

  it('offsets of dropped records wait until the reports of them are safe', async () => {
    const report = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const loop = openSourceLoop({
      tolerance: 'all',
      task: { poll: polling(recordsOf('bad')) },
      steps: [
        step(() => {
          throw dataError('bad')
        }),
      ],
      reported() {
        asked.resolve()
        return report.promise
      },
    })
    await asked.promise
    assert.deepEqual(loop.stored, [])
    report.resolve()
    await until(() => loop.stored.length === 1)
    loop.control.stop()
    await loop.ended
  })

  it('a store that does not answer is asked once, and then for what is newest', async () => {
    const answer = Promise.withResolvers<void>()
    const asked: unknown[][] = []
    const loop = openSourceLoop({
      flushTimeoutMs: 1,
      task: { poll: polling(recordsOf('a b c')) },
      storeOffsets(offsets) {
        asked.push(offsets.map(([, offset]) => offset?.['position']))
        return answer.promise
      },
    })
    await until(() => loop.sent().length === 3)
    loop.acknowledge('a')
    await until(() => loop.lines.filter(({ level }) => level === 'error').length >= 3)
    loop.acknowledge('b')
    loop.acknowledge('c')
    const failures = loop.lines.length
    await until(() => loop.lines.length > failures + 1)
    assert.deepEqual(asked, [[1]])
    answer.resolve()
    await until(() => asked.length > 1)
    assert.deepEqual(asked, [[1], [3]])
    loop.control.stop()
    await loop.ended
    assert.deepEqual(asked, [[1], [3]])
  })

  it('a task whose commitRecord or commit throws goes on, and nothing is sent twice', async () => {
    const loop = openSourceLoop({
      task: {
        poll: polling(recordsOf('drop b')),
        commitRecord() {
          throw retriable('not now')
        },
        commit() {
          throw new Error('no commit today')
        },
      },
      steps: [step((record) => (record.value === 'drop' ? null : record))],
    })
    await until(() => loop.sent().length === 1)
    loop.acknowledge('b')
    await until(() => loop.stored.at(-1)?.['position'] === 2)
    loop.control.stop()
    await loop.ended
    assert.deepEqual(loop.sent(), ['b'])
    assert.ok(loop.lines.some(({ message }) => message === 'Exception thrown while calling task.commit()'))
  })

  it('tells the meter of batches, of commits and of what failed, and of no record that went through', async () => {
    const loop = openSourceLoop({
      tolerance: 'all',
      task: { poll: polling(recordsOf('a bad b'), recordsOf('c')) },
      steps: [
        step((record) => {
          if (record.value === 'bad') throw dataError('bad')
          return record
        }),
      ],
    })
    await until(() => loop.sent().length === 3)
    loop.acknowledge('a')
    assert.deepEqual(loop.meter.levels, { pending: 2 })
    loop.acknowledge('b')
    loop.acknowledge('c')
    loop.control.stop()
    await loop.ended
    const { 'commit success': commits, ...sums } = loop.meter.sums
    assert.ok(commits !== undefined && commits >= 1)
    assert.deepEqual(sums, {
      polled: 4,
      written: 3,
      'total-record-failures': 1,
      'total-record-errors': 1,
      'total-records-skipped': 1,
    })
    assert.deepEqual(loop.meter.levels, { pending: 0 })
    // two polls, three acknowledgements, three of the record that failed
    assert.equal(loop.meter.calls - commits, 8)
  })
})
