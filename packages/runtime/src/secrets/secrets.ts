import { type ConfigDef, type ConfigOf, type Props, parseConfig } from '@isthmus/sdk'
import type { FromHost } from '../host/messages.ts'
import type { LogEntry } from '../log/log.ts'
import { type PlainError, plainError, revive } from '../text/plain-error.ts'
import { type Hidden, type Hide, hiding } from './hiding.ts'
import { type Owner, owner } from './owner.ts'

/**
 * What this thread knows that no text may show. Everything that leaves the thread of a connector passes here once: lines for
 * the log, traces, messages of errors. There is one for a thread, as there is one way out of it. A secret belongs to the instance
 * that learned it, and is forgotten with it.
 */
const owners = new Set<Owner>()
let hide: Hide | null = null

/** Shorter values of variables are seldom secrets, and hiding `true` or a port would spoil every line. */
const VARIABLE_MIN = 8
/** A check may be asked about any number of configs: the oldest values go first. */
const SECRETS_MAX = 1000
const HIDDEN = '[hidden]'

/** Names that give secrets away where no definition does: properties of Kafka clients, and what others call theirs. */
const SECRET_NAME =
  /(password|passwd|passphrase|secret|token|credentials?|user\.info|jaas\.config|private[._-]?key|api[._-]?key|access[._-]?key|keystore\.key)$/i
/** What such a name holds that is none: a switch, a port. */
const NO_SECRET = /^(true|false|null|none|\d{1,5})$/i
/** Passwords within other texts: those of a login module, of `user:password`, of a URL. */
const WITHIN = [
  /\b(?:password|clientSecret|secret|token)\s*=\s*"((?:[^"\\]|\\.)+)"/gi,
  /^[^\s:/]+:([^\s:/@]+)$/g,
  /:\/\/[^/\s:@]*:([^@\s/]+)@/g,
]
const LINE_MIN = 16

function remember(value: string, shown: string): void {
  if (value.trim() === '') return
  const { secrets } = owner()
  const before = secrets.size
  for (const one of [value, value.trim(), ...linesOf(value)]) if (!secrets.has(one)) secrets.set(one, shown)
  if (secrets.size === before && owners.has(owner())) return
  for (const oldest of secrets.keys()) {
    if (secrets.size <= SECRETS_MAX) break
    secrets.delete(oldest)
  }
  owners.add(owner())
  hide = null
}

/** Keys have several lines, and may be told line by line; their frames are the same for all. */
const linesOf = (value: string): string[] =>
  value.includes('\n')
    ? value
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line.length >= LINE_MIN && !line.startsWith('-----'))
    : []

/** What belongs to an instance that has ended. */
export function forgetSecrets(of: Owner): void {
  if (owners.delete(of)) hide = null
}

/** A value that a provider gave, under the variable that stands for it. */
export function hideVariable(variable: string, value: string): void {
  if (value.trim().length >= VARIABLE_MIN) remember(value, variable)
}

/** Secrets that properties hold by their names, or in the forms that passwords have in other texts. */
export function hideNamedSecrets(props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    const secret = SECRET_NAME.test(name)
    if (secret && !NO_SECRET.test(value)) remember(value, HIDDEN)
    for (const form of secret ? WITHIN : WITHIN.slice(2))
      for (const [, inner = ''] of value.matchAll(form)) if (!NO_SECRET.test(inner)) remember(inner, HIDDEN)
  }
}

/** What a definition calls passwords is hidden from here on. */
export function hidePasswords(def: ConfigDef, props: Props): void {
  for (const [name, key] of Object.entries(def)) {
    const value = props[name]
    if (key.type === 'password' && value !== undefined) remember(value, HIDDEN)
  }
}

/** Parses the config of a plugin, its passwords hidden. */
export function parsePluginConfig<D extends ConfigDef>(def: D, props: Props): ConfigOf<D> {
  hidePasswords(def, props)
  return parseConfig(def, props)
}

/** What the code that runs now knows, to be hidden elsewhere as well. */
export const ownSecrets = (): readonly Hidden[] => [...owner().secrets]

export function withoutSecrets(text: string): string {
  hide ??= hiding(new Map([...owners].flatMap(({ secrets }) => [...secrets])))
  const shown = hide(text)
  // code that goes on after its instance has ended still knows what it knew
  const { secrets } = owner()
  return secrets.size === 0 || owners.has(owner()) ? shown : hiding(secrets)(shown)
}

/** A message as it may leave the thread. */
export function publicMessage(message: FromHost): FromHost {
  switch (message.type) {
    case 'log':
      return { ...message, entry: publicEntry(message.entry) }
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

export function publicEntry(entry: LogEntry, hide: Hide = withoutSecrets): LogEntry {
  const trace = entry.trace === undefined ? {} : { trace: hide(entry.trace) }
  return { ...entry, message: hide(entry.message), ...trace }
}

function publicError(error: PlainError, hide: Hide = withoutSecrets): PlainError {
  return {
    ...error,
    message: hide(error.message),
    ...(error.name !== undefined && { name: hide(error.name) }),
    ...(error.stack !== undefined && { stack: hide(error.stack) }),
    ...(error.cause !== undefined && { cause: publicError(error.cause, hide) }),
  }
}

/** What was thrown, as an error with nothing in its texts that is hidden. */
export const publicThrown = (thrown: unknown, hide: Hide = withoutSecrets): Error =>
  revive(publicError(plainError(thrown), hide))
