import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { NO_RESTARTS, requestsSince } from '../../state/restart-request.ts'
import type { ClusterSnapshot, ConfigChange } from '../../state/snapshot.ts'
import { goldenTopics } from '../../testing/golden-topics.ts'
import type { TextRecord } from '../topic/topic.ts'
import { NOTHING_READ, type Reading, readRecord, recordsOf } from './records.ts'

const golden = goldenTopics().configs

interface Heard {
  readonly warnings: string[]
  readonly levels: string[]
}
function read(
  records: readonly (TextRecord & { readonly offset?: number })[],
  { from = NOTHING_READ, live = true, heard = { warnings: [], levels: [] } as Heard } = {},
): Reading {
  const effects = {
    live,
    setLevel: (namespace: string, level: string) => heard.levels.push(`${namespace}=${level}`),
    warn: (message: string) => heard.warnings.push(message),
  }
  return records.reduce(
    (reading, record, index) => readRecord(reading, { offset: index, ...record }, effects),
    from,
  )
}
const restartsOf = (snapshot: ClusterSnapshot, name: string) =>
  requestsSince(NO_RESTARTS, snapshot.connectors.get(name)!.restarts, name)
const snapshotOf = (records: readonly TextRecord[]): ClusterSnapshot => read(records).snapshot

test('a connector under whose name nothing can run is left out', () => {
  const heard: Heard = { warnings: [], levels: [] }
  const value = '{"properties":{"a":"1"}}'
  const long = 'x'.repeat(32_768)
  const names = ['', 'a\u00000', long, ' ', 'tab\t']
  const { snapshot } = read(
    names.map((name) => ({ key: `connector-${name}`, value })),
    { heard },
  )
  assert.deepEqual([...snapshot.connectors.keys()], [' ', 'tab\t'])
  assert.deepEqual(heard.warnings, [
    'The record connector- of the config topic is of a connector whose name is empty; it is left out.',
    'The record connector-a\u00000 of the config topic is of a connector whose name has a NUL character in it; it is left out.',
    `The record connector-${'x'.repeat(290)}… of the config topic is of a connector whose name has more than 32767 bytes; it is left out.`,
  ])
})

describe('the config topic of a Java worker', () => {
  const propsAt = (offset: number) =>
    JSON.parse(golden.find((record) => record.offset === offset)!.value!).properties
  const upTo = (offset: number) => read(golden.filter((record) => record.offset <= offset)).snapshot
  const entryAt = (offset: number, name: string) => upTo(offset).connectors.get(name)!
  const SINK = 'sink-äö'

  it('is written byte for byte the same', () => {
    const [key] = golden
    const { key: secret, algorithm, 'creation-timestamp': createdMs } = JSON.parse(key!.value!)
    const changes: ConfigChange[] = [
      { type: 'session-key', key: { key: Buffer.from(secret, 'base64'), algorithm, createdMs } },
      { type: 'connector', name: 'source-1', config: propsAt(1) },
      { type: 'tasks', name: 'source-1', configs: [propsAt(2)] },
      { type: 'connector', name: SINK, config: propsAt(5), target: 'PAUSED' },
      { type: 'target', name: SINK, state: 'STARTED' },
      { type: 'tasks', name: SINK, configs: [propsAt(7), propsAt(8), propsAt(9)] },
      { type: 'target', name: 'source-1', state: 'PAUSED' },
      { type: 'target', name: 'source-1', state: 'STARTED' },
      { type: 'connector', name: SINK, config: propsAt(13) },
      { type: 'tasks', name: SINK, configs: [propsAt(14), propsAt(15)] },
      { type: 'tasks', name: SINK, configs: [] },
      { type: 'target', name: SINK, state: 'STOPPED' },
      { type: 'restart', request: { connector: 'source-1', includeTasks: true, onlyFailed: false } },
      { type: 'restart', request: { connector: 'source-1', includeTasks: true, onlyFailed: true } },
      { type: 'logger', namespace: 'org.apache.kafka.connect.runtime', level: 'DEBUG' },
      { type: 'tasks', name: 'source-1', configs: [] },
      { type: 'target', name: 'source-1', state: 'STOPPED' },
      { type: 'connector', name: 'bad', config: propsAt(24) },
      { type: 'tasks', name: 'bad', configs: [propsAt(25)] },
      { type: 'connector', name: SINK, config: null },
      { type: 'tasks-fencing', name: 'bad', count: 1 },
      { type: 'target', name: 'source-1', state: 'STARTED' },
      { type: 'tasks', name: 'source-1', configs: [propsAt(32)] },
      { type: 'tasks-fencing', name: 'source-1', count: 1 },
      { type: 'connector', name: 'source-1', config: null },
    ]
    assert.deepEqual(
      changes.flatMap((change) => recordsOf(change).flat()),
      golden.map((record) => ({ key: record.key, value: record.value })),
    )
  })

  it('is understood step by step', () => {
    assert.equal(upTo(0).sessionKey?.key.length, 32)
    assert.equal(upTo(1).connectors.get('source-1')?.config['note'], 'ä€😀"\\/\u0001\u001f\u007f\u2028 tab\t')
    assert.deepEqual(entryAt(2, 'source-1').tasks, [], 'tasks count from their commit on')
    assert.deepEqual(entryAt(3, 'source-1').tasks, [propsAt(2)])
    assert.deepEqual(entryAt(3, 'source-1').appliedConfig, propsAt(1))
    assert.equal(upTo(4).connectors.has(SINK), false)
    assert.equal(entryAt(5, SINK).target, 'PAUSED')
    assert.equal(entryAt(10, SINK).tasks.length, 3)
    assert.equal(entryAt(11, 'source-1').target, 'PAUSED')
    assert.deepEqual(entryAt(15, SINK).appliedConfig, propsAt(5), 'that the tasks were made from')
    assert.equal(entryAt(16, SINK).tasks.length, 2)
    assert.equal(entryAt(18, SINK).target, 'STOPPED')
    assert.deepEqual(entryAt(18, SINK).tasks, [])
    assert.deepEqual(restartsOf(upTo(20), 'source-1'), [
      { connector: 'source-1', includeTasks: true, onlyFailed: false },
      { connector: 'source-1', includeTasks: true, onlyFailed: true },
    ])
    assert.equal(upTo(28).connectors.has(SINK), false)
  })

  it('leaves what it says in the end', () => {
    const { offset, connectors, rounds, sessionKey } = upTo(99)
    assert.equal(offset, 40)
    assert.equal(sessionKey?.algorithm, 'HmacSHA256')
    assert.deepEqual([...connectors.keys()], ['bad'])
    assert.deepEqual(connectors.get('bad')?.tasks, [propsAt(25)])
    assert.deepEqual(Object.fromEntries(rounds), {
      'source-1': { generation: 1, fenced: 1, pending: false },
      [SINK]: { generation: 1, fenced: null, pending: true },
      bad: { generation: 0, fenced: 1, pending: false },
    })
  })
})

describe('records of the config topic', () => {
  const connector = (name: string, props = {}) => recordsOf({ type: 'connector', name, config: props }).flat()
  const [a] = connector('a')

  it('of the past restart nothing and set no levels', () => {
    const heard: Heard = { warnings: [], levels: [] }
    const past = [
      a!,
      ...recordsOf({ type: 'logger', namespace: 'root', level: 'TRACE' }).flat(),
      ...recordsOf({
        type: 'restart',
        request: { connector: 'a', includeTasks: true, onlyFailed: false },
      }).flat(),
    ]
    const reading = read(past, { live: false, heard })
    assert.deepEqual(reading.snapshot.connectors.get('a')?.restarts, [0, 0, 0, 0])
    assert.equal(reading.snapshot.offset, 3)
    const now = read(past.slice(1), { from: reading, heard })
    assert.deepEqual(now.snapshot.connectors.get('a')?.restarts, [0, 1, 0, 0])
    assert.deepEqual(heard, { warnings: [], levels: ['root=TRACE'] })
  })

  it('that ask for a restart without saying more mean the connector alone', () => {
    const snapshot = snapshotOf([a!, { key: 'restart-connector-a', value: '{"only-failed":"yes"}' }])
    assert.deepEqual(restartsOf(snapshot, 'a'), [{ connector: 'a', includeTasks: false, onlyFailed: false }])
  })

  it('of tasks wait for a commit that finds all of them', () => {
    const tasks = (name: string, count: number, v: string) =>
      recordsOf({ type: 'tasks', name, configs: Array.from({ length: count }, () => ({ v })) }).flat()
    const [first, second, commit] = tasks('a', 2, 'x')
    const torn = snapshotOf([a!, second!, commit!])
    assert.deepEqual(torn.connectors.get('a')?.tasks, [])
    assert.equal(torn.connectors.get('a')?.taskCount, 2)
    assert.equal(torn.connectors.get('a')?.appliedConfig, null)
    assert.deepEqual(
      torn.rounds.get('a'),
      { generation: null, fenced: null, pending: true },
      'no set of configs, yet fencing is due',
    )
    const later = snapshotOf([a!, second!, commit!, first!, commit!])
    assert.deepEqual(later.connectors.get('a')?.tasks, [], 'what a commit did not take is gone')
    const extra = snapshotOf([a!, second!, ...tasks('a', 1, 'y')])
    assert.deepEqual(extra.connectors.get('a')?.tasks, [{ v: 'y' }], 'a task more than committed is no harm')
    const foreign = snapshotOf([...tasks('a', 1, 'old'), a!, commit!])
    assert.deepEqual(foreign.connectors.get('a')?.tasks, [], 'those of a connector deleted before are not')
  })

  it('of tasks of connectors whose names end in numbers are told apart', () => {
    const names = ['a', 'a-1', 'a-1-2', '-']
    const records = names.flatMap((name) => [
      ...connector(name),
      ...recordsOf({ type: 'tasks', name, configs: [{ of: name }] }).flat(),
    ])
    const { connectors } = snapshotOf(records)
    for (const name of names) assert.deepEqual(connectors.get(name)?.tasks, [{ of: name }])
  })

  it('of a target state may come before, or without, the connector', () => {
    const paused = { key: 'target-state-a', value: '{"state":"PAUSED"}' }
    assert.equal(snapshotOf([paused, a!]).connectors.get('a')?.target, 'PAUSED', 'and without state.v2')
    const gone = [a!, paused, { key: 'target-state-a', value: null }]
    assert.equal(snapshotOf(gone).connectors.get('a')?.target, 'STARTED')
    assert.equal(
      snapshotOf([paused, { key: 'connector-a', value: null }, a!]).connectors.get('a')?.target,
      'PAUSED',
    )
    const odd = { key: 'target-state-a', value: '{"state":"PAUSED","state.v2":5}' }
    assert.equal(snapshotOf([a!, odd]).connectors.get('a')?.target, 'PAUSED')
  })

  it('that make no sense change nothing, and count all the same unless they are not JSON', () => {
    const heard: Heard = { warnings: [], levels: [] }
    const whole = read([a!])
    const nonsense: [key: string, value: string | null][] = [
      ['connector-a', '5'],
      ['connector-a', '{"properties":null}'],
      ['connector-a', '{"properties":["x"]}'],
      ['task-a-0', null],
      ['task-a-0', '{"properties":"x"}'],
      ['task-a-', '{"properties":{}}'],
      ['task-a-1e1', '{"properties":{}}'],
      ['task-a-0x1', '{"properties":{}}'],
      ['task-0', '{"properties":{}}'],
      ['commit-a', null],
      ['commit-a', '{"tasks":"1"}'],
      ['commit-a', '{"tasks":-1}'],
      ['commit-a', '{"tasks":1.5}'],
      ['target-state-a', '{"state":"paused"}'],
      ['target-state-a', '[]'],
      ['tasks-fencing-a', '{"task-count":"1"}'],
      ['tasks-fencing-a', null],
      ['session-key', null],
      ['session-key', '{"key":"","algorithm":"HmacSHA256","creation-timestamp":"1"}'],
      ['session-key', '{"key":5,"algorithm":"HmacSHA256","creation-timestamp":1}'],
      ['logger-cluster-root', null],
      ['logger-cluster-root', '{"level":5}'],
      ['whatever', '{}'],
      ['', '{}'],
    ]
    const { snapshot } = read(
      nonsense.map(([key, value], i) => ({ key, value, offset: 1 + i })),
      { from: whole, heard },
    )
    assert.equal(heard.warnings.length, nonsense.length)
    assert.deepEqual({ ...snapshot, offset: 1 }, whole.snapshot)
    assert.equal(snapshot.offset, 1 + nonsense.length)
    for (const value of ['', '{', 'connector', `${'['.repeat(100_000)}`]) {
      const after = read([{ key: 'connector-a', value, offset: 99 }], { from: whole })
      assert.equal(after, whole, 'as if it were not there')
    }
  })

  it('may say null as text', () => {
    assert.equal(snapshotOf([a!, { key: 'connector-a', value: 'null' }]).connectors.size, 0)
  })

  it('may claim any number of tasks', () => {
    const { connectors } = snapshotOf([a!, { key: 'commit-a', value: '{"tasks":4000000000}' }])
    assert.deepEqual(connectors.get('a')?.tasks, [])
    assert.equal(connectors.get('a')?.taskCount, 4_000_000_000)
  })

  it('may have names that objects have of their own', () => {
    const { connectors } = snapshotOf(
      ['__proto__', 'constructor'].map((name) => ({
        key: `connector-${name}`,
        value: '{"properties":{"__proto__":"x","constructor":"y"}}',
      })),
    )
    assert.deepEqual(Object.entries(connectors.get('__proto__')?.config ?? {}), [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    assert.equal(connectors.size, 2)
  })
})
