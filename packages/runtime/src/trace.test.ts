import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { KafkaError } from '@isthmus/kafka'
import { ConnectError, dataError } from '@isthmus/sdk'
import { javaClassOf, traceOf } from './trace.ts'

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
