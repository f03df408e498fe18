import { ConnectError, type NewTopic, type Props, type SourceTaskContext } from '@isthmus/sdk'
import type { RestoreConfig } from '../config/restore.ts'
import { keyPrefix, offsetsOf, partitionFolder, partitionOf } from '../objects/key.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import type { BackedUpPartition } from './partition.ts'

export interface TargetParts extends Pick<SourceTaskContext, 'kafka' | 'log'> {
  readonly config: Pick<RestoreConfig, 'prefix' | 'kafka.createTopics' | 'raw'>
  readonly store: Pick<ObjectStore, 'folders' | 'list'>
  readonly signal: AbortSignal
}

/**
 * Sees to it that the topics to restore to have the partitions of the backup, before anything is written: creates those that do not exist,
 * and fails where one has too few. What the connector says of new topics (`topic.creation.default.`) counts. A folder with the name of a partition counts only if it holds a backup.
 */
export async function prepareTargets(
  partitions: readonly BackedUpPartition[],
  parts: TargetParts,
): Promise<void> {
  const { config, kafka, log } = parts
  const topics = new Map(partitions.map(({ target, topic }) => [target, topic]))
  const existing = await kafka.topics([...topics.keys()])
  const missing = [...topics].filter(([target]) => !existing.has(target))
  await checkPartitions(partitions, existing, parts)
  if (missing.length === 0) return
  if (!config['kafka.createTopics']) {
    log.warn(
      `These topics to restore to do not exist, and kafka.createTopics is false: ${missing.map(([target]) => target).join(', ')}. They are left to the worker's or the brokers' creation of topics`,
    )
    return
  }
  const wanted: NewTopic[] = []
  const defaults = defaultsOf(config.raw)
  for (const [name, topic] of missing) {
    const folders = await parts.store.folders(`${keyPrefix(config.prefix)}${topic}/`, parts.signal)
    const last = await lastBackedUp(topic, folders.map(partitionOf), parts)
    if (last !== null) wanted.push({ ...defaults, name, partitions: Math.max(last + 1, defaults.partitions) })
  }
  const created = new Set(await kafka.createTopics(wanted))
  for (const { name, partitions: count } of wanted)
    if (created.has(name)) log.info(`Created topic ${name} with ${count} partitions`)
  // another task or anyone else may have been faster, with other numbers
  await checkPartitions(partitions, await kafka.topics(missing.map(([target]) => target)), parts)
}

const DEFAULTS = 'topic.creation.default.'

/** What the connector wants of new topics (KIP-158); a backup does not know of partitions that were empty, so more may be named. */
function defaultsOf(raw: Props): Required<Omit<NewTopic, 'name'>> {
  const named = Object.entries(raw)
    .filter(([key]) => key.startsWith(DEFAULTS))
    .map(([key, value]): [string, string] => [key.slice(DEFAULTS.length), value])
  const {
    partitions = '-1',
    'replication.factor': replicationFactor = '-1',
    ...rest
  } = Object.fromEntries(named)
  const { include: _, exclude: __, ...config } = rest
  return { partitions: Number(partitions), replicationFactor: Number(replicationFactor), config }
}

async function checkPartitions(
  partitions: readonly BackedUpPartition[],
  existing: ReadonlyMap<string, { readonly partitions: number }>,
  parts: TargetParts,
): Promise<void> {
  for (const [target, { partitions: count }] of existing) {
    const beyond = partitions.filter((known) => known.target === target && known.partition >= count)
    const [first] = beyond
    if (first === undefined) continue
    const last = await lastBackedUp(
      first.topic,
      beyond.map(({ partition }) => partition),
      parts,
    )
    if (last === null) continue
    throw new ConnectError(
      'config',
      `Topic ${target} has ${count} partitions, and partition ${last} of ${first.topic} is to be restored to it: give it ${last + 1} partitions, delete it, or restore to other topics with kafka.topicPrefix`,
    )
  }
}

/** The highest of these partitions that holds an object of a backup; null: none does. */
async function lastBackedUp(
  topic: string,
  partitions: readonly (number | null)[],
  { config, store, signal }: TargetParts,
): Promise<number | null> {
  const known = partitions.filter((partition) => partition !== null)
  for (const partition of known.sort((one, other) => other - one)) {
    const folder = partitionFolder(keyPrefix(config.prefix), topic, partition)
    for await (const page of store.list(folder, { signal }))
      if (page.some(({ key }) => offsetsOf(folder, key) !== null)) return partition
  }
  return null
}
