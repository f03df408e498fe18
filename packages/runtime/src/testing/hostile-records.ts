import type { TextRecord } from '../store/topic/topic.ts'

const NAMES = [
  ...['', ' ', '-', '--', '-0', '0', 'x-0', 'x-01', 'a b', 'ä/ö', '%2F', '__proto__'],
  ...['tab\t', 'line\n', 'nul\u0000', 'nul\u00000', '\u007f', '\ufffd', 'target-state-a', 'x'.repeat(40_000)],
]
const KINDS = ['connector-', 'target-state-', 'task-', 'commit-', 'restart-connector-', 'tasks-fencing-', '']
const VALUES = [
  ...[null, '', 'null', '[]', '1', '"x"', '{', '{}', '{"properties":null}', '{"properties":["a"]}'],
  ...['{"properties":{"a":1,"b":"x"}}', '{"properties":{"__proto__":"x","tasks.max":"2"}}'],
  ...['{"tasks":0}', '{"tasks":1}', '{"tasks":-1}', '{"tasks":1e15}', '{"tasks":"1"}', '{"tasks":1.5}'],
  ...['{"state":"PAUSED"}', '{"state":"STARTED","state.v2":"STOPPED"}', '{"state.v2":7}', '{"state":"?"}'],
  ...['{"include-tasks":true}', '{"task-count":3}', '{"level":"DEBUG"}', '{"key":"AA==","algorithm":"x"}'],
]
const COUNT = 80

/** Records of a config topic as no worker of today writes them, and some that one does; the same for a seed in every run. */
export function hostileRecords(seed: number): readonly TextRecord[] {
  let state = seed * 2654435761 + 1
  const pick = <T>(all: readonly T[]): T => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return all[(state >>> 0) % all.length] as T
  }
  const config = '{"properties":{"connector.class":"Source","tasks.max":"2"}}'
  const own = Array.from({ length: 4 }, () => ({ key: `connector-${pick(NAMES)}`, value: config }))
  const others = Array.from({ length: COUNT }, () => {
    const kind = pick(KINDS)
    const numbered = kind === 'task-' ? pick(['-0', '-1', '-01', '-', '', '--1', '-99999999999']) : ''
    return { key: kind + pick(NAMES) + numbered, value: pick(VALUES) }
  })
  return [...own, ...others, { key: 'session-key', value: pick(VALUES) }]
}

/** The same of a status topic: every name runs elsewhere, under keys that are written so and otherwise. */
export const hostileStatuses: readonly TextRecord[] = NAMES.flatMap((name) =>
  [
    ...[`connector-${name}`, `task-${name}-0`, `task-${name}-01`, `task-${name}-`, `task-${name}`],
    ...[`topic-${name}`, `topic-t:connector-${name}`, `topic-${name}:connector-${name}`, name],
  ].map((key) => ({
    key: `status-${key}`,
    value:
      '{"state":"RUNNING","trace":null,"worker_id":"gone:1","generation":7,"topic":{"name":"t","connector":"c","task":0}}',
  })),
)
