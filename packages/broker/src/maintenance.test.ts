import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMaintenance } from './maintenance.ts'
import { batchOf, contents, LogFixture } from './testing/log-fixture.ts'
import { Topics } from './topics/topics.ts'

test('compacts and expires by the clock', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  using fixture = new LogFixture()
  const environment = fixture.environment()
  using topics = new Topics(fixture.directory.path, { 'internal.segment.bytes': '300' }, environment)
  await using _maintenance = openMaintenance({
    topics,
    environment,
    compactionIntervalMs: 100,
    retentionIntervalMs: 1000,
    producerExpirationMs: 5000,
  })
  const fill = (name: string, configs: Record<string, string>) => {
    const { log } = topics.create({ name, partitions: 1, configs }).partitions[0]!
    for (let i = 0; i < 10; i++) log.append(batchOf([['k', `v${i}`, fixture.now]]), 'client')
    return log
  }
  const compacted = fill('compacted', { 'cleanup.policy': 'compact' })
  const expiring = fill('expiring', { 'retention.ms': '5000' })
  t.mock.timers.tick(100)
  for (let turn = 0; turn < 1000 && contents(compacted).length > 5; turn++)
    await new Promise((resolve) => setImmediate(resolve))
  assert.ok(contents(compacted).length < 5, contents(compacted).join())
  assert.equal(contents(compacted).at(-1), '9:k=v9')
  assert.equal(contents(expiring).length, 10)
  fixture.now += 5001
  t.mock.timers.tick(1000)
  assert.deepEqual([expiring.startOffset, expiring.endOffset], [10, 10])
  assert.deepEqual(fixture.lines, [])
})
