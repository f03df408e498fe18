import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { KafkaError } from '../errors.ts'
import { type Outcome, outcomeOf } from './answers.ts'

const of = { topic: 't', partition: 1 }
const answer = (errorCode: number, index = 1) => ({
  responses: [
    {
      name: 't',
      topicId: '',
      partitionResponses: [
        {
          index,
          errorCode,
          baseOffset: 5,
          logAppendTimeMs: -1,
          logStartOffset: 0,
          recordErrors: [],
          errorMessage: null,
          currentLeader: { leaderId: -1, leaderEpoch: -1 },
        },
      ],
    },
  ],
  throttleTimeMs: 0,
  nodeEndpoints: [],
})
function shown(outcome: Outcome): string {
  if (outcome.type === 'appended') return `appended ${outcome.response?.baseOffset ?? 'somewhere'}`
  if (outcome.type === 'too large') return outcome.type
  const refused = outcome.type === 'failed' && outcome.refused ? ', refused' : ''
  return `${outcome.type}: ${outcome.error.kafka}${refused}${outcome.leaderInDoubt ? ', leader in doubt' : ''}`
}

const idempotent = { acks: -1, idempotent: true }
const plain = { acks: 1, idempotent: false }
for (const [what, given, count, settings, expected] of [
  ['no error', answer(0), 2, idempotent, 'appended 5'],
  [
    'a number that was there',
    answer(errorIds.DUPLICATE_SEQUENCE_NUMBER),
    2,
    idempotent,
    'appended somewhere',
  ],
  ['no answer, by acks=0', answer(0), 2, { acks: 0, idempotent: false }, 'appended somewhere'],
  ['another partition', answer(0, 2), 2, idempotent, 'failed: MALFORMED'],
  ['too many records', answer(errorIds.MESSAGE_TOO_LARGE), 2, idempotent, 'too large'],
  [
    'one that is too large',
    answer(errorIds.MESSAGE_TOO_LARGE),
    1,
    idempotent,
    'failed: MESSAGE_TOO_LARGE, refused',
  ],
  [
    'another leader',
    answer(errorIds.NOT_LEADER_OR_FOLLOWER),
    1,
    plain,
    'failed: NOT_LEADER_OR_FOLLOWER, refused, leader in doubt',
  ],
  [
    'a gap',
    answer(errorIds.OUT_OF_ORDER_SEQUENCE_NUMBER),
    1,
    idempotent,
    'sequence lost: OUT_OF_ORDER_SEQUENCE_NUMBER',
  ],
  [
    'a gap without idempotence',
    answer(errorIds.OUT_OF_ORDER_SEQUENCE_NUMBER),
    1,
    plain,
    'failed: OUT_OF_ORDER_SEQUENCE_NUMBER, refused',
  ],
  [
    'a lost connection',
    new KafkaError('DISCONNECTED', ''),
    1,
    idempotent,
    'failed: DISCONNECTED, leader in doubt',
  ],
  ['an answer that cannot be read', new KafkaError('MALFORMED', ''), 1, idempotent, 'failed: MALFORMED'],
] as const)
  test(`to a batch ${what} means: ${expected}`, () => {
    assert.equal(shown(outcomeOf(given, of, count, settings)), expected)
  })
