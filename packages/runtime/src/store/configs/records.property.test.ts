import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  applyChange,
  type ClusterSnapshot,
  type ConfigChange,
  EMPTY_SNAPSHOT,
  type Owned,
} from '../../state/snapshot.ts'
import { hostileRecords } from '../../testing/hostile-records.ts'
import type { TextRecord } from '../topic/topic.ts'
import { NOTHING_READ, type Reading, readRecord, recordsOf } from './records.ts'

const SEEDS = 200
const CHANGES = 60
const NAMES = ['a', 'a-1', 'b']

/** xorshift32: the same numbers for a seed in every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** What a worker writes about connectors that are there. */
function randomChange(
  random: (below: number) => number,
  known: ReadonlySet<string>,
  at: number,
): ConfigChange {
  const name = NAMES[random(NAMES.length)]!
  if (!known.has(name))
    return {
      type: 'connector',
      name,
      config: { v: String(at) },
      ...(random(2) === 0 && { target: 'PAUSED' as const }),
    }
  switch (random(7)) {
    case 0:
      return { type: 'connector', name, config: null }
    case 1:
      return { type: 'connector', name, config: { v: String(at) } }
    case 2:
      return { type: 'target', name, state: (['STARTED', 'PAUSED', 'STOPPED'] as const)[random(3)]! }
    case 3:
      return { type: 'restart', request: { connector: name, includeTasks: true, onlyFailed: false } }
    case 4:
      return { type: 'tasks-fencing', name, count: random(4) }
    default:
      return {
        type: 'tasks',
        name,
        configs: Array.from({ length: random(4) }, (_, n) => ({ v: `${at}/${n}` })),
      }
  }
}
function randomHistory(seed: number): readonly ConfigChange[] {
  const random = randomOf(seed)
  const known = new Set<string>()
  return Array.from({ length: CHANGES }, (_, at) => {
    const change = randomChange(random, known, at)
    if (change.type === 'connector') {
      if (change.config === null) known.delete(change.name)
      else known.add(change.name)
    }
    return change
  })
}

type Written = TextRecord & { readonly offset: number }
const logOf = (changes: readonly ConfigChange[]): readonly Written[] =>
  changes.flatMap((change) => recordsOf(change).flat()).map((record, offset) => ({ ...record, offset }))
const readAll = (records: readonly Written[], live: boolean): ClusterSnapshot => {
  const effects = { live, setLevel: () => {}, warn: (message: string) => assert.fail(message) }
  const read = (owned?: Owned) =>
    records.reduce(
      (reading, record) => readRecord(reading, record, { ...effects, ...(owned && { owned }) }),
      NOTHING_READ,
    )
  const { snapshot } = read()
  assert.deepEqual(read(new WeakSet()).snapshot, snapshot, 'in place or not')
  assert.deepEqual(NOTHING_READ.snapshot.connectors.size, 0)
  return snapshot
}

test('what was written means, when it is read, what was to be changed', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const history = randomHistory(seed)
    const read = readAll(logOf(history), true)
    assert.deepEqual({ ...read, offset: -1 }, history.reduce(applyChange, EMPTY_SNAPSHOT), `seed ${seed}`)
  }
})

test('a compacted log means the same, but that tasks may have to be made anew', () => {
  let whole = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomOf(seed)
    const log = logOf(randomHistory(seed))
    const expected = readAll(log, false)
    const last = new Map(log.map(({ key, offset }) => [key, offset]))
    const cleaned = random(log.length + 1)
    const compacted = log.filter(
      ({ key, value, offset }) => offset >= cleaned || (last.get(key) === offset && value !== null),
    )
    const found = readAll(compacted, false)
    assert.deepEqual([...found.connectors.keys()].sort(), [...expected.connectors.keys()].sort())
    for (const [name, { config, target, tasks }] of found.connectors) {
      const entry = expected.connectors.get(name)!
      assert.deepEqual({ config, target }, { config: entry.config, target: entry.target }, `seed ${seed}`)
      if (tasks.length > 0) assert.deepEqual(tasks, entry.tasks, `seed ${seed}`)
      if (entry.tasks.length > 0 && tasks.length > 0) whole += 1
    }
  }
  assert.ok(whole > 50, 'most are whole')
})

test('whatever a topic holds, what is written about the connectors in it is read back as it was written', () => {
  let known = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const effects = { live: false, setLevel() {}, warn() {} }
    const read = (from: Reading, records: readonly TextRecord[]) =>
      records.reduce((reading, one, offset) => readRecord(reading, { ...one, offset }, effects), from)
    const found = read(NOTHING_READ, hostileRecords(seed))
    for (const name of found.snapshot.connectors.keys()) {
      known++
      const configs = [{ v: name }, { v: '' }]
      const changes: readonly ConfigChange[] = [
        { type: 'tasks', name, configs },
        { type: 'target', name, state: 'STOPPED' },
      ]
      const { snapshot } = read(
        found,
        changes.flatMap((change) => recordsOf(change).flat()),
      )
      const entry = snapshot.connectors.get(name)
      assert.deepEqual(
        [entry?.tasks, entry?.target],
        [configs, 'STOPPED'],
        `seed ${seed}: ${JSON.stringify(name)}`,
      )
      const gone = read(found, recordsOf({ type: 'connector', name, config: null }).flat())
      assert.ok(!gone.snapshot.connectors.has(name))
    }
  }
  assert.ok(known > SEEDS, 'most names can be run')
})
