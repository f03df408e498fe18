import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { batchOf, contents, LogFixture } from '../testing/log-fixture.ts'
import { Topics } from './topics.ts'

const openTopics = (fixture: LogFixture, defaults = {}) =>
  new Topics(fixture.directory.path, defaults, fixture.environment())

test('topics, their ids, partitions and configs are there again after a restart', () => {
  using fixture = new LogFixture()
  const topics = openTopics(fixture)
  const made = topics.create({ name: 'a', partitions: 2, configs: { 'retention.ms': '7' } })
  topics.addPartitions(made, 3)
  topics.configure(made, { 'retention.ms': '8', 'cleanup.policy': 'compact' })
  topics[Symbol.dispose]()
  using again = openTopics(fixture)
  const found = again.named('a')
  assert.deepEqual(
    [found?.id, found?.partitions.length, found?.config['retention.ms'], found?.config.compact],
    [made.id, 3, 8, true],
  )
  assert.equal(again.withId(made.id), found)
})

test('a changed config reaches the open log', () => {
  using fixture = new LogFixture()
  using topics = openTopics(fixture)
  const topic = topics.create({ name: 'a', partitions: 1 })
  const { log } = topic.partitions[0]!
  topics.configure(topic, { 'max.message.bytes': '10' })
  assert.throws(() => log.append(batchOf([['k', 'v']]), 'client'), { errorCode: 10 })
})

test('a change that cannot be kept has not happened', () => {
  using fixture = new LogFixture()
  using topics = openTopics(fixture)
  const topic = topics.create({ name: 'a', partitions: 1 })
  // what the file of the topic is written to first
  mkdirSync(join(fixture.directory.path, 'topics', `a.${topic.id}`, 'topic.json.new'))
  assert.throws(() => topics.addPartitions(topic, 2), { code: 'EISDIR' })
  assert.throws(() => topics.configure(topic, { 'retention.ms': '7' }), { code: 'EISDIR' })
  assert.equal(topic.partitions.length, 1)
  assert.deepEqual(topic.overrides, {})
})

test('a deleted topic is gone, its files too, and its namesake is another topic', async () => {
  using fixture = new LogFixture()
  using topics = openTopics(fixture)
  const topic = topics.create({ name: 'a', partitions: 1 })
  const { log } = topic.partitions[0]!
  log.append(batchOf([['k', 'v']]), 'client')
  topics.delete(topic)
  assert.throws(() => log.read(0, 100, 'read_uncommitted'), { errorCode: 3 })
  assert.throws(() => topics.delete(topic), { errorCode: 3 })
  const again = topics.create({ name: 'a', partitions: 1 })
  assert.notEqual(again.id, topic.id)
  assert.equal(again.partitions[0]!.log.endOffset, 0)
  assert.equal(readdirSync(join(fixture.directory.path, 'topics')).length, 1)
})

test('removes what a crash left of a creation and of a deletion', () => {
  using fixture = new LogFixture()
  const { path } = fixture.directory
  mkdirSync(join(path, 'topics', 'half.123', '0'), { recursive: true })
  mkdirSync(join(path, 'deleted', 'x'), { recursive: true })
  writeFileSync(join(path, 'deleted', 'x', 'file'), '')
  using topics = openTopics(fixture)
  assert.deepEqual(topics.all(), [])
  assert.deepEqual([readdirSync(join(path, 'topics')), readdirSync(join(path, 'deleted'))], [[], []])
})

test("the broker's own defaults lie under the topic's configs and over Kafka's", () => {
  using fixture = new LogFixture()
  using topics = openTopics(fixture, { 'retention.ms': '50', 'segment.ms': '60' })
  const { config } = topics.create({ name: 'a', partitions: 1, configs: { 'retention.ms': '5' } })
  assert.deepEqual([config['retention.ms'], config['segment.ms'], config['retention.bytes']], [5, 60, -1])
  assert.throws(() => openTopics(fixture, { nonsense: '1' }), /Unknown topic config name: nonsense/)
})

test('partitions cost nothing before they are written', () => {
  using fixture = new LogFixture()
  using topics = openTopics(fixture)
  const { partitions } = topics.create({ name: 'a', partitions: 500 })
  assert.equal([...topics.openLogs()].length, 0)
  assert.equal([...topics.writtenLogs()].length, 0)
  partitions[7]!.log.append(batchOf([['k', 'v']]), 'client')
  assert.equal([...topics.writtenLogs()].length, 1)
})

test('a topic whose file is cut, gone or of a newer version is named and kept; the others go on', () => {
  using fixture = new LogFixture()
  const directories: string[] = []
  {
    using topics = openTopics(fixture)
    for (const name of ['good', 'cut', 'gone', 'newer', 'configs', 'empty']) {
      const topic = topics.create({ name, partitions: 1 })
      if (name !== 'empty') topic.partitions[0]!.log.append(batchOf([['k', name]]), 'client')
      directories.push(join(fixture.directory.path, 'topics', `${name}.${topic.id}`))
    }
  }
  const [, cut, gone, newer, configs, empty] = directories.map((directory) => join(directory, 'topic.json'))
  const text = readFileSync(cut!, 'utf8')
  writeFileSync(cut!, text.slice(0, 30))
  rmSync(gone!)
  rmSync(empty!)
  writeFileSync(newer!, readFileSync(newer!, 'utf8').replace('"version": 1', '"version": 9'))
  writeFileSync(configs!, readFileSync(configs!, 'utf8').replace('{}', '{"retention.ms":"soon"}'))
  writeFileSync(join(fixture.directory.path, 'topics', 'notes.txt'), 'of somebody')
  {
    using topics = openTopics(fixture)
    assert.deepEqual(
      topics.all().map(({ name }) => name),
      ['good'],
    )
    for (const [path, what] of [
      [cut, 'is damaged'],
      [gone, 'is missing'],
      [newer, 'newer version'],
      [configs, 'cannot be read'],
    ] as const)
      assert.ok(
        fixture.lines.some((line) => line.includes(path!) && line.includes(what)),
        `${path} ${what}: ${fixture.lines.join('\n')}`,
      )
    assert.throws(() => topics.create({ name: 'cut', partitions: 1 }), {
      errorCode: 56,
      message: /'cut' is there already, but .*topic\.json is damaged/,
    })
    topics.create({ name: 'empty', partitions: 1 })
  }
  writeFileSync(cut!, text)
  using again = openTopics(fixture)
  assert.deepEqual(contents(again.named('cut')!.partitions[0]!.log), ['0:k=cut'])
})

test('a log that cannot be opened is an error of its partition, and no end of the maintenance', () => {
  using fixture = new LogFixture()
  let directory = ''
  {
    using topics = openTopics(fixture)
    const topic = topics.create({ name: 'a', partitions: 1 })
    topic.partitions[0]!.log.append(batchOf([['k', 'v']]), 'client')
    directory = join(fixture.directory.path, 'topics', `a.${topic.id}`, '0')
  }
  renameSync(directory, `${directory}.away`)
  writeFileSync(directory, '')
  using topics = openTopics(fixture)
  assert.deepEqual([...topics.writtenLogs()], [])
  assert.throws(() => topics.partition('a', 0)!.log, {
    errorCode: 56,
    message: /Cannot open the log of a-0: ENOTDIR/,
  })
})
