import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../errors.ts'
import { assignedAt, type FetchEvent, type FetchRules, type FetchState, movedTo, next } from './phase.ts'

const NOW = 1_000
const rules: FetchRules = {
  reset: 'earliest',
  backoffMs: (failures) => failures * 10,
  leaderlessMs: 5,
  followMs: 100,
}
const error = (kafka: ConstructorParameters<typeof KafkaError>[0], retriable: boolean) =>
  new KafkaError(kafka, kafka, { retriable })
const passing = error('NOT_LEADER_OR_FOLLOWER', true)
const fatal = error('TOPIC_AUTHORIZATION_FAILED', false)
const unknown = error('UNKNOWN_SERVER_ERROR', false)
const corrupt = error('CORRUPT_MESSAGE', true)
const outOfRange = error('OFFSET_OUT_OF_RANGE', false)

const at7 = assignedAt(7)
const following: FetchState = { ...at7, from: { type: 'follower', node: 2, until: NOW + 50 } }
const troubled: FetchState = { ...at7, trouble: { since: 900, failures: 2, retryAt: 950, error: passing } }
const doubtful: FetchState = { ...troubled, from: { type: 'leader in doubt' } }
const truncated = { type: 'truncated', topicPartition: 't-0', position: 5, endOffset: 3 } as const

/** What the state says, in short. */
function shown({ phase, from, trouble }: FetchState): string {
  const what =
    phase.type === 'fetching'
      ? `from ${phase.offset}`
      : phase.type === 'failed'
        ? `failed by ${phase.error.kafka}`
        : phase.type
  const where = from.type === 'follower' ? `follower ${from.node} until ${from.until}` : from.type
  const since =
    trouble === null
      ? ''
      : `, ${trouble.failures} failures since ${trouble.since}, again at ${trouble.retryAt}`
  return `${what}, ${where}${since}`
}

const cases: readonly [string, FetchState, FetchEvent, string, string, Partial<FetchRules>?][] = [
  [
    'records end what was wrong',
    troubled,
    { type: 'answered', next: { offset: 9, lastEpoch: 1 }, follower: -1 },
    'from 9, leader',
    '',
  ],
  [
    'so does an answer without any',
    troubled,
    { type: 'answered', next: null, follower: -1 },
    'from 7, leader',
    '',
  ],
  [
    'a leader sends to a follower',
    at7,
    { type: 'answered', next: null, follower: 3 },
    'from 7, follower 3 until 1100',
    '',
  ],
  [
    'one that says nothing of followers leaves it',
    following,
    { type: 'answered', next: null, follower: -1 },
    'from 7, follower 2 until 1050',
    '',
  ],
  [
    'a batch that is too large is for the caller',
    at7,
    { type: 'too large', error: fatal },
    'failed by TOPIC_AUTHORIZATION_FAILED, leader',
    'tell',
  ],
  [
    'a failure that may pass counts, and the leader is in doubt',
    troubled,
    { type: 'failed', error: passing },
    'from 7, leader in doubt, 3 failures since 900, again at 1030',
    '',
  ],
  [
    'the first failure has its time',
    at7,
    { type: 'failed', error: unknown },
    'from 7, leader in doubt, 1 failures since 1000, again at 1010',
    '',
  ],
  [
    'a failure while the offset is looked up leaves that to be done',
    assignedAt(null),
    { type: 'failed', error: passing },
    'resetting, leader in doubt, 1 failures since 1000, again at 1010',
    '',
  ],
  [
    'a failure that stays is for the caller',
    at7,
    { type: 'failed', error: fatal },
    'failed by TOPIC_AUTHORIZATION_FAILED, leader in doubt, 1 failures since 1000, again at 1010',
    'tell',
  ],
  [
    'a refusal that stays is for the caller',
    at7,
    { type: 'refused', error: fatal },
    'failed by TOPIC_AUTHORIZATION_FAILED, leader',
    'tell',
  ],
  [
    'a refusal that may pass is a failure',
    at7,
    { type: 'refused', error: unknown },
    'from 7, leader in doubt, 1 failures since 1000, again at 1010',
    '',
  ],
  ['an offset out of range is reset', at7, { type: 'refused', error: outOfRange }, 'resetting, leader', ''],
  [
    'but without a policy it is for the caller',
    at7,
    { type: 'refused', error: outOfRange },
    'failed by OFFSET_OUT_OF_RANGE, leader',
    'tell',
    { reset: 'none' },
  ],
  [
    'nothing that a follower refuses is final',
    following,
    { type: 'refused', error: outOfRange },
    'from 7, leader in doubt, 1 failures since 1000, again at 1010',
    '',
  ],
  [
    'a damaged log is for the caller, though Kafka calls it passing',
    at7,
    { type: 'refused', error: corrupt },
    'failed by CORRUPT_MESSAGE, leader',
    'tell',
  ],
  [
    'a log that was cut back is read from there',
    at7,
    { ...truncated, sameTopic: true },
    'from 7, leader',
    'move to 3',
  ],
  [
    'though not from beyond where the caller is',
    at7,
    { ...truncated, sameTopic: true, endOffset: 6 },
    'from 7, leader',
    'move to 5',
  ],
  [
    'the offsets of another topic mean nothing',
    at7,
    { ...truncated, sameTopic: false },
    'resetting, leader',
    '',
  ],
  [
    'without a policy a truncation is for the caller, who gets nothing from before',
    at7,
    { ...truncated, sameTopic: true },
    'failed by OFFSET_OUT_OF_RANGE, leader',
    'drop, tell',
    { reset: 'none' },
  ],
  [
    'a search for the leader is waited for',
    at7,
    { type: 'leader sought' },
    'from 7, leader, 0 failures since 1000, again at 0',
    '',
  ],
  [
    'it does not begin anew what was wrong before',
    troubled,
    { type: 'leader sought' },
    'from 7, leader, 2 failures since 900, again at 950',
    '',
  ],
  [
    'a leader that is found is asked',
    doubtful,
    { type: 'leader found' },
    'from 7, leader, 2 failures since 900, again at 950',
    '',
  ],
  [
    'a follower is asked on whatever is found',
    following,
    { type: 'leader found' },
    'from 7, follower 2 until 1050',
    '',
  ],
  [
    'without a leader it is asked for again soon',
    doubtful,
    { type: 'no leader', error: passing },
    'from 7, leader, 2 failures since 900, again at 1005',
    '',
  ],
]
for (const [what, state, event, expected, actions, own] of cases)
  test(what, () => {
    const decision = next(state, event, { ...rules, ...own }, NOW)
    assert.equal(shown(decision.state), expected)
    const told = decision.actions.map((a) => (a.type === 'move' ? `move to ${a.offset}` : a.type))
    assert.equal(told.join(', '), actions)
  })

test('a seek ends a failure and a back-off, not the count of failures', () => {
  const { state } = next(troubled, { type: 'failed', error: fatal }, rules, NOW)
  assert.equal(shown(movedTo(state, 4)), 'from 4, leader in doubt, 3 failures since 900, again at 0')
  assert.equal(shown(movedTo(at7, null)), 'resetting, leader')
})

test('a caller that has failed stays failed until it seeks', () => {
  const { state } = next(at7, { type: 'failed', error: fatal }, rules, NOW)
  const { state: after } = next(state, { type: 'failed', error: passing }, rules, NOW)
  assert.equal(after.phase, state.phase)
})
