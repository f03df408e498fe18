import { codeOf, errorTable } from '@isthmus/sdk'

const CAUSES_MAX = 20

/**
 * An error as text in the form of a Java stack trace, for statuses and logs: tools match on the class name in its first
 * line. Errors without a code of ours count as Java's ConnectException.
 */
export function traceOf(error: unknown): string {
  const lines: string[] = []
  let current: unknown = error
  for (let depth = 0; current !== undefined && current !== null && depth < CAUSES_MAX; depth++) {
    lines.push(`${depth === 0 ? '' : 'Caused by: '}${headline(current)}`, ...frames(current))
    current = causeOf(current)
  }
  return `${lines.join('\n')}\n`
}

/** `class: message`, as Java prints an exception. */
export function headline(error: unknown): string {
  const message = messageOf(error)
  return message === '' ? javaClassOf(error) : `${javaClassOf(error)}: ${message}`
}

export function messageOf(error: unknown): string {
  return error instanceof Error || typeof (error as { message?: unknown } | null)?.message === 'string'
    ? (error as Error).message
    : String(error)
}

export function javaClassOf(error: unknown): string {
  const code = codeOf(error)
  const kafka = (error as { kafka?: unknown } | null)?.kafka
  if (code === 'kafka' && typeof kafka === 'string' && KAFKA_NAME.test(kafka)) return kafkaClass(kafka)
  if (code !== undefined) return errorTable[code].java
  return 'org.apache.kafka.connect.errors.ConnectException'
}

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

const causeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? (error as { cause?: unknown }).cause : undefined
