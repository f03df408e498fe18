import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { KafkaError } from '@isthmus/kafka'
import { ConnectError, dataError, retriable } from '@isthmus/sdk'
import { plainError, revive } from './plain-error.ts'
import { javaClassOf, thrownError, traceOf } from './trace.ts'

/** Of each of `org.apache.kafka.common.protocol.Errors` of Kafka 4.3.1, the class of its exception. */
const golden = JSON.parse(readFileSync(new URL('golden/kafka-exceptions.json', import.meta.url), 'utf8')) as {
  readonly [name: string]: string
}

test("an error of Kafka has the name of Java's class", () => {
  const names = Object.keys(golden)
  assert.ok(names.length > 100)
  assert.deepEqual(
    Object.fromEntries(names.map((kafka) => [kafka, javaClassOf({ code: 'kafka', kafka })])),
    golden,
  )
  assert.equal(
    javaClassOf(new KafkaError('TIMED_OUT', 'late')),
    'org.apache.kafka.common.errors.TimeoutException',
  )
})

test('a trace has the class, the message and the causes', () => {
  const trace = traceOf(
    new ConnectError('connect', 'outer', { cause: dataError('inner', { cause: 'text' }) }),
  )
  assert.deepEqual(
    trace.split('\n').filter((line) => !line.startsWith('\tat ')),
    [
      'org.apache.kafka.connect.errors.ConnectException: outer',
      'Caused by: org.apache.kafka.connect.errors.DataException: inner',
      'Caused by: org.apache.kafka.connect.errors.ConnectException: text',
      '',
    ],
  )
})

/** A trace without its frames. */
const heads = (error: unknown) =>
  traceOf(error)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('\tat '))

test("an error that is not ours keeps its class; the first line is one of Java's all the same", () => {
  class PgError extends Error {}
  const connect = 'org.apache.kafka.connect.errors.ConnectException'
  assert.deepEqual(heads(new TypeError('no such method')), [`${connect}: TypeError: no such method`])
  assert.deepEqual(heads(new ConnectError('data', 'outer', { cause: new PgError('down') })), [
    'org.apache.kafka.connect.errors.DataException: outer',
    'Caused by: PgError: down',
  ])
  assert.deepEqual(heads(new Error('plain')), [`${connect}: plain`])
  assert.deepEqual(heads(new AggregateError([new Error('no way'), new Error('nor that')])), [
    `${connect}: AggregateError: no way; nor that`,
  ])
})

test('whatever is thrown is told, also when it is nothing', () => {
  const connect = 'org.apache.kafka.connect.errors.ConnectException'
  assert.deepEqual(heads(undefined), [`${connect}: undefined was thrown`])
  assert.deepEqual(heads(new ConnectError('connect', 'outer', { cause: undefined })), [
    `${connect}: outer`,
    `Caused by: ${connect}: undefined was thrown`,
  ])
  assert.deepEqual(heads({ status: 503, body: 'busy' }), [`${connect}: { status: 503, body: 'busy' }`])
  assert.match(traceOf(thrownError(null)), /: null was thrown\n\tat /)
})

test('an error keeps its class, its code and its causes on the way out of a thread', () => {
  const error = new TypeError('no', { cause: retriable('later', { cause: new RangeError('beyond') }) })
  assert.equal(traceOf(revive(structuredClone(plainError(error)))), traceOf(error))
})
