import type { TaskLog } from '@isthmus/sdk'
import type { RestoreConfig } from '../config/restore.ts'
import { keyPrefix, partitionOf } from '../objects/key.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import { inLanes } from './lanes.ts'
import { listOf } from './partition.ts'

/** Topics that are looked into at the same time. */
const AT_ONCE = 8

/** A bucket may hold other things than a backup: Kafka would refuse what they are called. */
const TOPIC = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/

export interface DiscoveryParts {
  readonly config: Pick<RestoreConfig, 'prefix' | 's3.topics'>
  readonly store: Pick<ObjectStore, 'folders'>
  readonly log: Pick<TaskLog, 'warn'>
  readonly signal: AbortSignal
}

/** Looks up what there is to restore, as topic/partition, sorted as text. What is strange is told once, at the first look that sees it. */
export function openDiscovery({
  config,
  store,
  log,
  signal,
}: DiscoveryParts): () => Promise<readonly string[]> {
  const prefix = keyPrefix(config.prefix)
  const wanted = [...new Set(listOf(config['s3.topics']))]
  const told = new Set<string>()
  const tell = (line: string): void => {
    if (told.has(line)) return
    told.add(line)
    log.warn(line)
  }

  return async () => {
    const folders = wanted.length > 0 ? wanted : await store.folders(prefix, signal)
    const topics = folders.filter((name) => TOPIC.test(name))
    const strange = folders.filter((name) => !TOPIC.test(name))
    if (strange.length > 0) tell(`No topic can have these names, so they are left out: ${strange.join(', ')}`)
    const found: string[] = []
    await inLanes(topics, AT_ONCE, async (topic) => {
      const names = await store.folders(`${prefix}${topic}/`, signal)
      const partitions = names.filter((name) => partitionOf(name) !== null)
      found.push(...partitions.map((partition) => `${topic}/${partition}`))
      const others = names.filter((name) => partitionOf(name) === null)
      if (others.length > 0)
        tell(`${prefix}${topic}/ holds what is no partition, and is left out: ${others.join(', ')}`)
      if (partitions.length === 0 && wanted.length > 0)
        tell(`s3.topics names ${topic}, of which nothing is below ${prefix}${topic}/ in the bucket`)
    })
    return found.sort()
  }
}
