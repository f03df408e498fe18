import { inspect } from 'node:util'
import { ConnectError, codeOf, errorTable } from '@isthmus/sdk'

const CAUSES_MAX = 20

/**
 * An error as text in the form of a Java stack trace, for statuses and logs: tools match on the class name in its first
 * line. Errors without a code of ours are there as causes of Java's ConnectException are: with a class of their own.
 */
export function traceOf(error: unknown): string {
  const lines: string[] = []
  let current: unknown = error
  for (let depth = 0; depth < CAUSES_MAX; depth++) {
    const before = depth > 0 ? 'Caused by: ' : ownClassOf(current) !== null ? `${CONNECT}: ` : ''
    lines.push(`${before}${headline(current)}`, ...frames(current))
    if (typeof current !== 'object' || current === null) break
    const { cause } = current as { cause?: unknown }
    // one that is there and undefined was thrown: it is told as well
    if (cause === undefined && !Object.hasOwn(current, 'cause')) break
    current = cause
  }
  return `${lines.join('\n')}\n`
}

/** `class: message`, as Java prints an exception. */
export function headline(error: unknown): string {
  const message = messageOf(error)
  return message === '' ? javaClassOf(error) : `${javaClassOf(error)}: ${message}`
}

export function messageOf(error: unknown): string {
  if (error === undefined || error === null) return `${error} was thrown`
  if (typeof error !== 'object') return String(error)
  const { message, errors } = error as { message?: unknown; errors?: unknown }
  // as Node tells of a connection that no address took
  if (message === '' && Array.isArray(errors)) return errors.map(messageOf).join('; ')
  return typeof message === 'string' ? message : inspect(error, { depth: 1, breakLength: Infinity })
}

/** What was thrown, with a trace also where that is nothing at all. */
export const thrownError = (thrown: unknown): unknown =>
  thrown ?? new ConnectError('connect', messageOf(thrown))

const CONNECT = 'org.apache.kafka.connect.errors.ConnectException'

export function javaClassOf(error: unknown): string {
  const code = codeOf(error)
  const kafka = (error as { kafka?: unknown } | null)?.kafka
  if (code === 'kafka' && typeof kafka === 'string' && KAFKA_NAME.test(kafka)) return kafkaClass(kafka)
  if (code !== undefined) return errorTable[code].java
  return ownClassOf(error) ?? CONNECT
}

/** What an error calls itself, such as `TypeError`; null for ours, which have Java's classes, and for a plain `Error`. */
export function ownClassOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || codeOf(error) !== undefined) return null
  const { name, stack } = error as { name?: unknown; stack?: unknown }
  if (typeof name !== 'string' || typeof stack !== 'string') return null
  const own = name === 'Error' ? error.constructor?.name : name
  return own !== 'Error' && CLASS_NAME.test(own) ? own : null
}
const CLASS_NAME = /^[\w$.]{1,100}$/

const KAFKA_NAME = /^[A-Z]+(_[A-Z]+)*$/
/** Whose classes are called otherwise, `Exception` left off where it ends them. */
const KAFKA_CLASSES: { readonly [name: string]: string } = {
  TIMED_OUT: 'Timeout',
  REQUEST_TIMED_OUT: 'Timeout',
  DISCONNECTED: 'Disconnect',
  AUTHENTICATION_FAILED: 'SaslAuthentication',
  MESSAGE_TOO_LARGE: 'RecordTooLarge',
  UNKNOWN_SERVER_ERROR: 'UnknownServer',
  CORRUPT_MESSAGE: 'CorruptRecord',
  STALE_CONTROLLER_EPOCH: 'ControllerMoved',
  NETWORK_EXCEPTION: 'Network',
  INVALID_TOPIC_EXCEPTION: 'InvalidTopic',
  RECORD_LIST_TOO_LARGE: 'RecordBatchTooLarge',
  TOPIC_ALREADY_EXISTS: 'TopicExists',
  INVALID_CONFIG: 'InvalidConfiguration',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'OutOfOrderSequence',
  DUPLICATE_SEQUENCE_NUMBER: 'DuplicateSequence',
  INVALID_PRODUCER_ID_MAPPING: 'InvalidPidMapping',
  INVALID_TRANSACTION_TIMEOUT: 'InvalidTxnTimeout',
  KAFKA_STORAGE_ERROR: 'KafkaStorage',
  SASL_AUTHENTICATION_FAILED: 'SaslAuthentication',
  DELEGATION_TOKEN_AUTH_DISABLED: 'DelegationTokenDisabled',
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: 'UnsupportedByAuthentication',
  NON_EMPTY_GROUP: 'GroupNotEmpty',
  PRINCIPAL_DESERIALIZATION_FAILURE: 'PrincipalDeserialization',
  FETCH_SESSION_TOPIC_ID_ERROR: 'FetchSessionTopicId',
}
const WHOLE_CLASSES: { readonly [name: string]: string } = {
  OFFSET_METADATA_TOO_LARGE: 'org.apache.kafka.common.errors.OffsetMetadataTooLarge',
  INVALID_RECORD: 'org.apache.kafka.common.InvalidRecordException',
  INVALID_REGULAR_EXPRESSION: 'org.apache.kafka.common.errors.InvalidRegularExpression',
}
function kafkaClass(name: string): string {
  const whole = WHOLE_CLASSES[name]
  if (whole !== undefined) return whole
  const camel = name
    .replace(/_AUTHORIZATION_FAILED$/, '_AUTHORIZATION')
    .replaceAll(/([A-Z])([A-Z]*)_?/g, (_, first: string, rest: string) => first + rest.toLowerCase())
  return `org.apache.kafka.common.errors.${KAFKA_CLASSES[name] ?? camel}Exception`
}

function frames(error: unknown): string[] {
  const stack = (error as { stack?: unknown } | null)?.stack
  if (typeof stack !== 'string') return []
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => `\t${line.trim()}`)
}
