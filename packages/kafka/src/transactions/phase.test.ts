import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { KafkaError, kafkaError } from '../errors.ts'
import { afterFailedEnd, afterFailure, expectState, type TransactionPhase } from './phase.ts'

const error = (name: keyof typeof errorIds) => kafkaError(errorIds[name], 'Doing it')
const lineOf = (phase: TransactionPhase) =>
  'failure' in phase ? `${phase.state} ${phase.failure?.kafka ?? 'without a failure'}` : phase.state

const first = error('INVALID_RECORD')
const open: TransactionPhase = { state: 'open' }
const abortable: TransactionPhase = { state: 'abortable', failure: first }
const committing: TransactionPhase = { state: 'committing' }
const aborting: TransactionPhase = { state: 'aborting', failure: null }
const fatal: TransactionPhase = { state: 'fatal', failure: error('PRODUCER_FENCED') }

const failures: [TransactionPhase, KafkaError, string][] = [
  [open, error('MESSAGE_TOO_LARGE'), 'abortable MESSAGE_TOO_LARGE'],
  [open, error('PRODUCER_FENCED'), 'fatal PRODUCER_FENCED'],
  [open, error('INVALID_PRODUCER_EPOCH'), 'fatal PRODUCER_FENCED'],
  [open, new KafkaError('CLOSED', 'closed'), 'fatal CLOSED'],
  // what failed first is what the caller is told
  [abortable, error('MESSAGE_TOO_LARGE'), 'abortable INVALID_RECORD'],
  [abortable, error('PRODUCER_FENCED'), 'fatal PRODUCER_FENCED'],
  [aborting, error('MESSAGE_TOO_LARGE'), 'aborting without a failure'],
  [fatal, error('INVALID_TXN_STATE'), 'fatal PRODUCER_FENCED'],
]
for (const [phase, failure, expected] of failures)
  test(`${lineOf(phase)}, then ${failure.kafka} -> ${expected}`, () => {
    assert.equal(lineOf(afterFailure(phase, failure, 'tx')), expected)
  })

const ends: [TransactionPhase, KafkaError, string][] = [
  [committing, error('INVALID_TXN_STATE'), 'fatal INVALID_TXN_STATE'],
  [committing, error('INVALID_PRODUCER_ID_MAPPING'), 'abortable INVALID_PRODUCER_ID_MAPPING'],
  // the outcome is open
  [committing, new KafkaError('TIMED_OUT', 'silence'), 'committing'],
  [committing, new KafkaError('ABORTED', 'given up'), 'committing'],
  [aborting, error('INVALID_PRODUCER_ID_MAPPING'), 'aborting without a failure'],
  [aborting, error('PRODUCER_FENCED'), 'fatal PRODUCER_FENCED'],
]
for (const [phase, failure, expected] of ends)
  test(`the end of ${lineOf(phase)} fails with ${failure.kafka} -> ${expected}`, () => {
    assert.equal(lineOf(afterFailedEnd(phase, failure, 'tx')), expected)
  })

test('what a phase does not allow is refused with what failed, or by the name of the phase', () => {
  assert.throws(() => expectState(abortable, 'Committing', 'tx', ['open']), first)
  assert.throws(() => expectState({ state: 'ready' }, 'Producing', 'tx', ['open']), {
    kafka: 'INVALID_TXN_STATE',
    message: 'Producing cannot be done while the transaction of tx is ready',
  })
  expectState(open, 'Producing', 'tx', ['open', 'committing'])
})
