import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchOf, contents, LogFixture } from '../testing/log-fixture.ts'
import { enforceRetention, expiredSegments } from './retention.ts'

const segment = (size: number, maxTimestamp: number) => ({ size, maxTimestamp })

test('segments expire by age or by size, oldest first, whichever takes more', () => {
  const segments = [segment(100, 10), segment(100, 20), segment(100, 15), segment(100, 90)]
  const by = (ms: number, bytes: number) =>
    expiredSegments(segments, { 'retention.ms': ms, 'retention.bytes': bytes }, 100)
  assert.equal(by(-1, -1), 0)
  assert.equal(by(80, -1), 1)
  assert.equal(by(79, -1), 3)
  assert.equal(by(0, -1), 4)
  assert.equal(by(-1, 250), 1)
  assert.equal(by(-1, 200), 2)
  assert.equal(by(-1, 0), 4)
  assert.equal(by(80, 200), 2)
})

test('a log whose records have all expired goes on at its offsets', () => {
  using fixture = new LogFixture()
  const configs = { 'internal.segment.bytes': '300', 'retention.ms': '5000' }
  const log = fixture.open(configs)
  for (let i = 0; i < 9; i++) log.append(batchOf([[`k${i}`, 'x'.repeat(50), fixture.now]]), 'client')
  enforceRetention(log, fixture.now + 5000)
  assert.equal(contents(log).length, 9)
  enforceRetention(log, fixture.now + 5001)
  assert.deepEqual([log.startOffset, log.endOffset, log.size], [9, 9, 0])
  assert.equal(fixture.open(configs).append(batchOf([['n', '1']]), 'client').baseOffset, 9)
})

test('a topic that is only compacted keeps its records', () => {
  using fixture = new LogFixture()
  const log = fixture.open({ 'cleanup.policy': 'compact', 'retention.ms': '1' })
  log.append(batchOf([['k', 'v', 1]]), 'client')
  enforceRetention(log, fixture.now)
  assert.equal(contents(log).length, 1)
})
