import { type ConfigDef, type ConfigOf, type Props, parseConfig } from '@isthmus/sdk'
import { plainError, revive } from './ask.ts'
import type { FromHost, PlainError } from './messages.ts'

/**
 * What this thread knows that no text may show. Everything that leaves the thread of a connector passes here once: lines for
 * the log, traces, messages of errors. There is one for a thread, as there is one way out of it.
 */
const hidden = new Map<string, string>()
let longestFirst: readonly (readonly [value: string, shown: string])[] = []

/** Shorter values of variables are seldom secrets, and hiding `true` or a port would spoil every line. */
const VARIABLE_MIN = 8
const SECRET_MIN = 4
const HIDDEN = '[hidden]'

/** Names that give secrets away where no definition does: properties of Kafka clients, and what others call theirs. */
const SECRET_NAME =
  /(password|passwd|passphrase|secret|token|credentials?|user\.info|jaas\.config|private[._-]?key|api[._-]?key|access[._-]?key|keystore\.key)$/i
/** What such a name holds that is none: a switch, a port. */
const NO_SECRET = /^(true|false|null|none|\d{1,5})$/i

function hide(value: string, shown: string): void {
  if (hidden.has(value)) return
  hidden.set(value, shown)
  const quoted = JSON.stringify(value).slice(1, -1)
  if (quoted !== value) hidden.set(quoted, shown)
  longestFirst = [...hidden].sort(([a], [b]) => b.length - a.length)
}

/** A value that a provider gave, under the variable that stands for it. */
export function hideVariable(variable: string, value: string): void {
  if (value.trim().length >= VARIABLE_MIN) {
    hide(value, variable)
    if (value.trim() !== value) hide(value.trim(), variable)
  }
}

/** Secrets that properties hold by their names. */
export function hideNamedSecrets(props: Props): void {
  for (const [name, value] of Object.entries(props))
    if (SECRET_NAME.test(name) && value.length >= SECRET_MIN && !NO_SECRET.test(value)) hide(value, HIDDEN)
}

/** What a definition calls passwords is hidden from here on. */
export function hidePasswords(def: ConfigDef, props: Props): void {
  for (const [name, key] of Object.entries(def)) {
    const value = props[name]
    if (key.type === 'password' && value !== undefined && value.length >= SECRET_MIN) hide(value, HIDDEN)
  }
}

/** Parses the config of a plugin, its passwords hidden. */
export function parsePluginConfig<D extends ConfigDef>(def: D, props: Props): ConfigOf<D> {
  hidePasswords(def, props)
  return parseConfig(def, props)
}

export const withoutSecrets = (text: string): string =>
  longestFirst.reduce(
    (shown, [value, instead]) => (shown.includes(value) ? shown.replaceAll(value, instead) : shown),
    text,
  )

/** A message as it may leave the thread. */
export function publicMessage(message: FromHost): FromHost {
  if (longestFirst.length === 0) return message
  switch (message.type) {
    case 'log': {
      const { entry } = message
      const trace = entry.trace === undefined ? {} : { trace: withoutSecrets(entry.trace) }
      return { ...message, entry: { ...entry, message: withoutSecrets(entry.message), ...trace } }
    }
    case 'state':
      return {
        ...message,
        trace: message.trace === null ? null : withoutSecrets(message.trace),
        message: message.message === null ? null : withoutSecrets(message.message),
      }
    case 'answer':
      return message.error === undefined ? message : { ...message, error: publicError(message.error) }
    default:
      return message
  }
}

function publicError(error: PlainError): PlainError {
  return {
    ...error,
    message: withoutSecrets(error.message),
    ...(error.stack !== undefined && { stack: withoutSecrets(error.stack) }),
    ...(error.cause !== undefined && { cause: publicError(error.cause) }),
  }
}

/** What was thrown, as an error with nothing in its texts that is hidden, for what nothing catches. */
export const publicThrown = (thrown: unknown): Error => revive(publicError(plainError(thrown)))
