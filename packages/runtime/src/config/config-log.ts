import { clientDefinitions } from '@isthmus/kafka/definitions'
import { type ConfigDef, isSecret, type Props, parseConfig } from '@isthmus/sdk'
import { type Log, type Logger, loggerOf } from '../log/log.ts'
import { nearest } from '../text/nearest.ts'

/** What a worker and its connectors say of their configuration when they start. */

/** Every property with the value that counts, in the form of Java's log: `StandaloneConfig values:`, and a line for each. */
export function configText(title: string, def: ConfigDef, props: Props): string {
  const values: { readonly [name: string]: unknown } = parseConfig(def, props)
  const lines = Object.keys(def)
    .filter((name) => def[name]?.internal !== true)
    .sort()
    .map((name) => `\t${name} = ${valueText(values[name])}\n`)
  return `${title} values: \n${lines.join('')}`
}

const PACKAGE = 'org.apache.kafka.connect.runtime.'
const LOGGERS: { readonly [title: string]: string } = {
  StandaloneConfig: `${PACKAGE}standalone.StandaloneConfig`,
  DistributedConfig: `${PACKAGE}distributed.DistributedConfig`,
}

/** Of a worker, when it starts: what counts, and what nothing reads. */
export function logConfig(
  title: 'StandaloneConfig' | 'DistributedConfig',
  def: ConfigDef,
  props: Props,
  log: Log,
): void {
  const logger = loggerOf(log, LOGGERS[title] ?? title)
  logger.info(configText(title, def, props))
  warnOfUnknown('the worker', Object.keys(def), props, logger)
}

/** Of a connector, when it starts: what its config sets, variables as they are written. What is secret is hidden on the way out. */
export function logConnectorConfig(title: string, def: ConfigDef, props: Props, log: Logger): void {
  const lines = Object.keys(props)
    .sort()
    .map((name) => `\t${name} = ${def[name]?.type === 'password' ? '[hidden]' : props[name]}\n`)
  log.info(`${title} values: \n${lines.join('')}`)
  warnOfUnknown('the connector', Object.keys(def), props, log)
}

function valueText(value: unknown): string {
  if (isSecret(value)) return '[hidden]'
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}

/** What belongs to plugins, which say themselves what they know. */
const OF_PLUGINS =
  /^(config\.providers|(internal\.)?(key|value|header)\.converter|transforms|predicates|metrics\.context|listeners\.https|admin\.listeners\.https|plugin|topic\.creation)(\.|$)/
/** The worker's own clients read their properties without a prefix, and those of connectors with one. */
const OF_CLIENTS = /^(producer|consumer|admin)\.(?:override\.)?(.+)$/
const hint = (name: string, known: readonly string[]): string => {
  const meant = nearest(name, known)
  return meant === null ? '' : ` (did you mean '${meant}'?)`
}

/** One warning for all properties that nothing reads; none is written where there is none. */
export function warnOfUnknown(of: string, known: Iterable<string>, props: Props, log: Logger): void {
  const names = new Set(known)
  const inDoubt = Object.keys(props).filter((name) => !names.has(name) && !OF_PLUGINS.test(name))
  if (inDoubt.length === 0) return
  const definitions = clientDefinitions()
  const everyClient = Object.values(definitions).flatMap((one) => Object.keys(one))
  const unknown = inDoubt.flatMap((name) => {
    const [, client, own] = OF_CLIENTS.exec(name) ?? []
    if (own !== undefined) {
      const theirs = Object.keys(definitions[client as keyof typeof definitions])
      return theirs.includes(own) ? [] : [`'${name}'${hint(own, theirs)}`]
    }
    const others = [...names, ...everyClient]
    return everyClient.includes(name) ? [] : [`'${name}'${hint(name, others)}`]
  })
  if (unknown.length > 0) log.warn(`Properties of ${of} that nothing is known to read: ${unknown.join(', ')}`)
}
