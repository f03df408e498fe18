import { ConnectError, type Props } from '@isthmus/sdk'
import { withoutPrefix } from '@isthmus/sdk/config'
import { type Client, overridesOf } from './override-policy.ts'

/** What becomes of a client property that means something in Java: null where this client goes by it, or it changes nothing. */
type Verdict = { readonly refused: string } | { readonly ignored: string } | null

const KAFKA = 'org.apache.kafka.'
const ROUND_ROBIN = `${KAFKA}clients.producer.RoundRobinPartitioner`
const SERIALIZATION = `${KAFKA}common.serialization.`
const JMX = `${KAFKA}common.metrics.JmxReporter`
/** Of `org.apache.kafka.common.serialization`, beside those of bytes. */
const SERIALIZED =
  /^(?:Boolean|ByteBuffer|Bytes|Double|Float|Integer|List|Long|Short|String|UUID|Void)(?:Des|S)erializer$/

const notFound = (key: string, value: string): Verdict => ({
  refused: `Invalid value ${value} for configuration ${key}: Class ${value} could not be found.`,
})
const ignored = (why: string): Verdict => ({ ignored: why })

/** Nothing but bytes goes through the clients of Connect. Java's task fails at its first record that is not null. */
function ofSerializer(key: string, value: string): Verdict {
  const name = value.startsWith(SERIALIZATION) ? value.slice(SERIALIZATION.length) : ''
  if (/^ByteArray(?:Des|S)erializer$/.test(name)) return null
  if (!SERIALIZED.test(name)) return notFound(key, value)
  const [what] = key.split('.')
  return { refused: `Can't convert ${what} of class [B to class ${value} specified in ${key}` }
}
function ofPlugins(value: string): Verdict {
  const foreign = value
    .split(',')
    .map((name) => name.trim())
    .find((name) => name !== '' && name !== JMX)
  return foreign === undefined ? null : { refused: `Class ${foreign} cannot be found` }
}
const ofSecurity = (key: string, value: string): Verdict =>
  value.startsWith(KAFKA) ? null : notFound(key, value)

const EVERY: { readonly [key: string]: (value: string, key: string, all: Props) => Verdict } = {
  'metric.reporters': ofPlugins,
  'interceptor.classes': ofPlugins,
  'sasl.login.class': (value, key) => ofSecurity(key, value),
  'sasl.login.callback.handler.class': (value, key) => ofSecurity(key, value),
  'sasl.client.callback.handler.class': (value, key) => ofSecurity(key, value),
  'ssl.engine.factory.class': (value, key) => ofSecurity(key, value),
  'security.providers': () => ignored('nothing of Java’s security is loaded'),
  'send.buffer.bytes': () => ignored('the system chooses the sizes of socket buffers'),
  'receive.buffer.bytes': () => ignored('the system chooses the sizes of socket buffers'),
}
const OWN: { readonly [C in Client]: typeof EVERY } = {
  admin: {},
  producer: {
    'key.serializer': (value, key) => ofSerializer(key, value),
    'value.serializer': (value, key) => ofSerializer(key, value),
    'partitioner.class': (value, key) => (value === ROUND_ROBIN ? null : notFound(key, value)),
    'partitioner.adaptive.partitioning.enable': (value) =>
      value === 'false' ? null : ignored('partitions are chosen evenly, whatever waits for them'),
    'partitioner.availability.timeout.ms': (value) =>
      value === '0' ? null : ignored('partitions are left out only while they have no leader'),
    'transactional.id': (value) => ({
      refused: `Invalid value ${value} for configuration transactional.id: Connect's producers begin no transactions.`,
    }),
  },
  consumer: {
    'key.deserializer': (value, key) => ofSerializer(key, value),
    'value.deserializer': (value, key) => ofSerializer(key, value),
    'enable.auto.commit': (value) =>
      value === 'true' ? ignored('offsets are committed when the task has said that they may be') : null,
    'group.protocol': (value, key) => {
      const protocol = value.toLowerCase()
      if (protocol === 'classic') return null
      if (protocol === 'consumer') return ignored('groups are of the classic protocol')
      return {
        refused: `Invalid value ${value} for configuration ${key}: String must be one of (case insensitive): CONSUMER, CLASSIC`,
      }
    },
    'group.remote.assignor': (_value, _key, all) =>
      all['group.protocol']?.toLowerCase() === 'consumer'
        ? ignored('groups are of the classic protocol')
        : { refused: 'group.remote.assignor cannot be set when group.protocol=CLASSIC' },
    'partition.assignment.strategy': (value) =>
      value === ''
        ? {
            refused:
              'Must configure at least one partition assigner class name to partition.assignment.strategy configuration property',
          }
        : null,
  },
}

/** What is against a value on its own; in the words of Java. */
export function refusedValue(client: Client, key: string, value: string): string | null {
  const verdict = (OWN[client][key] ?? EVERY[key])?.(value.trim(), key, {})
  return verdict && 'refused' in verdict ? verdict.refused : null
}

/**
 * Throws for what the clients of a task are told, by its connector or its worker, and cannot do: classes that nobody can load here, and
 * what would break delivery. What has no effect is returned, as lines for the log.
 */
export function unheeded(connector: Props, worker: Props, clients: readonly Client[]): readonly string[] {
  const lines: string[] = []
  for (const client of clients) {
    const own = overridesOf(connector, worker).filter((one) => one.client === client)
    const overridden = Object.fromEntries(own.map(({ key, value }) => [key, value]))
    const all = { ...withoutPrefix(worker, `${client}.`), ...overridden }
    for (const [key, value] of Object.entries(all)) {
      const verdict = (OWN[client][key] ?? EVERY[key])?.(value.trim(), key, all) ?? null
      const property = `${client}.${key in overridden ? 'override.' : ''}${key}`
      if (verdict === null) continue
      if ('refused' in verdict)
        throw new ConnectError('config', `${verdict.refused} (${property}=${value}: remove it)`)
      lines.push(`${property}=${value} has no effect: ${verdict.ignored}.`)
    }
  }
  return lines
}
