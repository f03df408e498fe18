import type { Props } from '@isthmus/sdk'

/** What a worker of a group is called without a word of its file: guides older than Kafka 0.11 leave these out. */
export const OLD_DEFAULTS = {
  'group.id': 'connect-cluster',
  'config.storage.topic': 'connect-configs',
  'offset.storage.topic': 'connect-offsets',
  'status.storage.topic': 'connect-status',
} as const

/** Kafka has dropped these, and what is below them. `rest.host.name` and `rest.port` still count. */
const REMOVED = [
  'internal.key.converter',
  'internal.value.converter',
  'cluster',
  ...['', 'producer.'].flatMap((prefix) =>
    ['block.on.buffer.full', 'metadata.fetch.timeout.ms', 'timeout.ms'].map((name) => `${prefix}${name}`),
  ),
]

/** What a start has to say about a file that was written for an older Kafka: a line for each kind. */
export function oldPropertyWarnings(props: Props, defaults: Props = {}): readonly string[] {
  const warnings: string[] = []
  const assumed = Object.keys(defaults).filter((name) => props[name] === undefined)
  if (assumed.length > 0) {
    const shown = assumed.map((name) => `${name}=${defaults[name]}`).join(', ')
    warnings.push(
      `Not set, and taken as older versions of Kafka did: ${shown}. Java's worker does not start without`,
    )
  }
  const without = Object.keys(props).filter((name) =>
    REMOVED.some((removed) => name === removed || name.startsWith(`${removed}.`)),
  )
  if (without.length > 0)
    warnings.push(`Kafka has dropped these properties, and they have no effect: ${without.join(', ')}`)
  return warnings
}
