import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionName, type TopicPartition } from '../topic-partition.ts'
import {
  actionsAt,
  type ConsumerAction,
  type ConsumerEvent,
  type ConsumerPhase,
  claimOf,
  outside,
} from './consumer-phase.ts'

const p = (...partitions: number[]): TopicPartition[] =>
  partitions.map((partition) => ({ topic: 't', partition }))
const stable = (generation: number, ...owned: number[]): ConsumerPhase => ({
  type: 'stable',
  generation,
  owned: p(...owned),
})
const rejoining = (generation: number, owned: number[], former: number[]): ConsumerPhase => ({
  type: 'rejoining',
  generation,
  owned: p(...owned),
  former: p(...former),
})
const assigned = (generation: number, ...partitions: number[]): ConsumerEvent => ({
  type: 'assigned',
  generation,
  partitions: p(...partitions),
  outdated: false,
})
const rebalance: ConsumerEvent = { type: 'rebalance', reason: 'news' }

const listed = (partitions: readonly TopicPartition[]) => `[${partitions.map((one) => one.partition)}]`
function lineOf(action: ConsumerAction): string {
  switch (action.type) {
    case 'become': {
      const { phase } = action
      if (phase.type === 'outside') return 'outside'
      const former = phase.type === 'rejoining' ? ` of ${listed(phase.former)}` : ''
      return `${phase.type} ${phase.generation} ${listed(phase.owned)}${former}`
    }
    case 'rejoin':
      return 'rejoin'
    default:
      return `${action.type} ${listed(action.partitions)}`
  }
}

const table: [string, 'eager' | 'cooperative', ConsumerPhase, ConsumerEvent, string[]][] = [
  ['the first share', 'eager', outside, assigned(1, 0, 1), ['stable 1 [0,1]', 'assign [0,1]']],
  ['the first share', 'cooperative', outside, assigned(1, 0, 1), ['stable 1 [0,1]', 'assign [0,1]']],
  ['an empty first share', 'cooperative', outside, assigned(1), ['stable 1 []', 'assign []']],
  ['a rebalance', 'eager', stable(1, 0, 1), rebalance, ['revoke [0,1]', 'rejoining 1 [] of [0,1]', 'rejoin']],
  ['a rebalance of nothing', 'eager', stable(1), rebalance, ['rejoining 1 [] of []', 'rejoin']],
  ['a rebalance', 'cooperative', stable(1, 0, 1), rebalance, ['rejoining 1 [0,1] of [0,1]', 'rejoin']],
  ['a rebalance that is under way', 'eager', rejoining(1, [], [0, 1]), rebalance, []],
  ['a rebalance before the first share', 'cooperative', outside, rebalance, []],
  [
    'the same share',
    'eager',
    rejoining(1, [], [0, 1]),
    assigned(2, 0, 1),
    ['stable 2 [0,1]', 'assign [0,1]'],
  ],
  ['the same share', 'cooperative', rejoining(1, [0, 1], [0, 1]), assigned(2, 0, 1), ['stable 2 [0,1]']],
  ['more', 'cooperative', rejoining(1, [0], [0]), assigned(2, 0, 1), ['stable 2 [0,1]', 'assign [1]']],
  [
    // the partition is let go of in the new generation, and claimed in the former one only until then
    'less',
    'cooperative',
    rejoining(1, [0, 1], [0, 1]),
    assigned(2, 0),
    ['stable 1 [0,1]', 'revoke [1]', 'stable 2 [0]', 'rejoining 2 [0] of [0]', 'rejoin'],
  ],
  [
    'another share',
    'cooperative',
    rejoining(1, [0, 1], [0, 1]),
    assigned(2, 0, 2),
    ['stable 1 [0,1]', 'revoke [1]', 'stable 2 [0,2]', 'assign [2]', 'rejoining 2 [0,2] of [0,2]', 'rejoin'],
  ],
  [
    'a share of other topics than are read by now',
    'eager',
    outside,
    { ...assigned(1, 0), outdated: true } as ConsumerEvent,
    ['stable 1 [0]', 'assign [0]', 'revoke [0]', 'rejoining 1 [] of [0]', 'rejoin'],
  ],
  ['a loss', 'cooperative', stable(3, 0, 1), { type: 'lost' }, ['outside', 'lose [0,1]']],
  ['a loss while joining', 'cooperative', rejoining(3, [0], [0]), { type: 'lost' }, ['outside', 'lose [0]']],
  ['a loss of what was given up', 'eager', rejoining(3, [], [0]), { type: 'lost' }, ['outside']],
  ['a loss of nothing', 'eager', outside, { type: 'lost' }, ['outside']],
]
for (const [name, kind, phase, event, expected] of table)
  test(`${kind}: ${name} -> ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(actionsAt(phase, event, kind === 'cooperative').map(lineOf), expected)
  })

test('a member says in its join what it holds, and what it held before it gave everything up', () => {
  const claims = [outside, stable(1, 0), rejoining(1, [], [0, 1])].map(claimOf)
  assert.deepEqual(
    claims.map(({ owned, former, generation }) => [
      owned.map(partitionName),
      former.map(partitionName),
      generation,
    ]),
    [
      [[], [], -1],
      [['t-0'], ['t-0'], 1],
      [[], ['t-0', 't-1'], 1],
    ],
  )
})
