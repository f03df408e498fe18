import { ConnectError } from '@isthmus/sdk'
import { type Fields, isObject } from '../text/fields.ts'
import type { PlainError } from '../text/plain-error.ts'
import type { FromHost, InstanceState, Questions } from './messages.ts'

/**
 * Code of plugins can send whatever it likes from where it runs. Nothing of it is used before it was here: throws for a message that
 * no host of ours sends. Extra fields do no harm and are not looked at.
 */
export function parseFromHost(message: unknown): FromHost {
  if (!isObject(message)) throw strange(message)
  const { type } = message
  if (typeof type !== 'string' || !Object.hasOwn(shapes, type)) throw strange(message)
  const wrong = shapes[type as FromHost['type']](message)
  if (wrong !== null) throw strange(message, wrong)
  if (!OF_HOST.has(type) && !Number.isSafeInteger(message['instance'])) throw strange(message, 'instance')
  return message as unknown as FromHost
}

/** Throws, for whoever asked, where a question is not as it must be: part of it comes from plugins, such as the offsets of `preCommit`. */
export function requireQuestion({
  what,
  ask,
}: {
  readonly what: keyof Questions
  readonly ask: unknown
}): void {
  if (!questions[what](ask))
    throw new ConnectError('connect', `The worker was asked '${what}' with what it cannot take`)
}

/** Each task is written, placed and started by itself, with connections of its own: with ten thousand a worker was deaf for half a minute, with these for a second. */
const TASKS_MAX = 2_000

/** The answer to the only question whose answer is kept: the configs of tasks are flat maps of text. */
export function parseTaskConfigs(answer: unknown): readonly { readonly [name: string]: string }[] {
  if (!Array.isArray(answer))
    throw new ConnectError(
      'connect',
      `'taskConfigs' of the connector has returned ${answer === null ? 'null' : typeof answer}: it returns an array with a config for each task`,
    )
  if (answer.length > TASKS_MAX)
    throw new ConnectError(
      'connect',
      `The connector has made ${answer.length} tasks, and a group takes ${TASKS_MAX} of one connector at most: lower tasks.max`,
    )
  for (const [task, config] of answer.entries()) {
    if (!isObject(config) || typeof config['then'] === 'function')
      throw new ConnectError(
        'connect',
        `The config of task ${task}, which 'taskConfigs' of the connector has returned, is ${isObject(config) ? 'a promise: await it' : 'no object'}`,
      )
    for (const [name, value] of Object.entries(config))
      if (typeof value !== 'string')
        throw new ConnectError(
          'connect',
          `The config of task ${task} has a value of type ${value === null ? 'null' : typeof value} for ${name}; values are text, such as String(…) makes`,
        )
  }
  return answer
}

/** Names the field that is wrong. */
type Shape = (message: Fields) => string | null

const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string'
const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string'

const sound: Shape = () => null
/** What a host says for itself, of none of its instances. */
const OF_HOST: ReadonlySet<string> = new Set<FromHost['type']>(['log', 'pong'])
const LEVELS: ReadonlySet<unknown> = new Set(['trace', 'debug', 'info', 'warn', 'error'])
const STATES: ReadonlySet<unknown> = new Set<InstanceState>(['RUNNING', 'PAUSED', 'STOPPED', 'FAILED'])

const shapes: { readonly [T in FromHost['type']]: Shape } = {
  log({ entry }) {
    if (!isObject(entry) || !LEVELS.has(entry['level'])) return 'entry'
    if (!isTextOrAbsent(entry['trace'])) return 'entry.trace'
    return ['logger', 'context', 'message'].find((field) => !isText(entry[field])) ?? null
  },
  state({ state, trace, message, version }) {
    if (!STATES.has(state)) return 'state'
    if (!isTextOrNull(trace)) return 'trace'
    if (!isTextOrNull(message)) return 'message'
    return isTextOrNull(version) ? null : 'version'
  },
  topic: ({ topic }) => (isText(topic) ? null : 'topic'),
  answer({ id, error }) {
    if (!Number.isSafeInteger(id)) return 'id'
    return error === undefined || isPlainError(error) ? null : 'error'
  },
  ask({ id, what }) {
    if (!Number.isSafeInteger(id)) return 'id'
    return isText(what) && Object.hasOwn(questions, what) ? null : 'what'
  },
  ended: sound,
  reconfigure: sound,
  reload: sound,
  alive: sound,
  pong: sound,
}

/** More causes than any chain of errors that is sent. */
const CAUSES_MAX = 20

export function isPlainError(error: unknown, depth = 0): error is PlainError {
  if (!isObject(error) || depth > CAUSES_MAX) return false
  const { message, code, name, kafka, retriable, stack, cause } = error
  return (
    isText(message) &&
    [code, name, kafka, stack].every(isTextOrAbsent) &&
    (retriable === undefined || typeof retriable === 'boolean') &&
    (cause === undefined || isPlainError(cause, depth + 1))
  )
}

const isEntry = (entry: unknown): boolean =>
  Array.isArray(entry) && entry.length === 2 && isText(entry[0]) && isTextOrNull(entry[1])
const isOffset = (offset: unknown): boolean =>
  isObject(offset) &&
  isText(offset['topic']) &&
  Number.isSafeInteger(offset['partition']) &&
  Number.isSafeInteger(offset['offset'])
const isHidden = (hidden: unknown): boolean =>
  Array.isArray(hidden) && hidden.every((one) => Array.isArray(one) && isText(one[0]) && isText(one[1]))
const isProps = (props: unknown): boolean => isObject(props) && Object.values(props).every(isText)

const questions: { readonly [N in keyof Questions]: (ask: unknown) => boolean } = {
  offsets: (ask) => Array.isArray(ask) && ask.every(isText),
  'store-offsets': (ask) => Array.isArray(ask) && ask.every(isEntry),
  'all-offsets': (ask) => ask === null,
  join: (ask) =>
    isObject(ask) &&
    isProps(ask['props']) &&
    isHidden(ask['hidden']) &&
    (isText(ask['topics']) || (Array.isArray(ask['topics']) && ask['topics'].every(isText))),
  commit: (ask) => Array.isArray(ask) && ask.every(isOffset),
}

function strange(message: unknown, field?: string): ConnectError {
  const type = isObject(message) && isText(message['type']) ? message['type'].slice(0, 40) : null
  const what =
    type === null
      ? `a message that is none: ${Array.isArray(message) ? 'an array' : isObject(message) ? 'an object without a type' : String(message).slice(0, 80)}`
      : field === undefined
        ? `a message of an unknown type, '${type}'`
        : `a message '${type}' whose field '${field}' is not what it must be`
  return new ConnectError(
    'connect',
    `Its code sent the worker ${what}. Only the runtime may use the parent port of a connector's thread.`,
  )
}
