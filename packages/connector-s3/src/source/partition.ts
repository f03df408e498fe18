import type { SourcePartition } from '@isthmus/sdk'
import type { RestoreConfig } from '../config/restore.ts'
import { keyPrefix, partitionFolder, partitionOf } from '../objects/key.ts'
import { sourcePartitionOf } from './position.ts'

/** A partition of a backup, and where it goes. */
export interface BackedUpPartition {
  /** topic/partition, as in the backup. */
  readonly name: string
  readonly topic: string
  readonly partition: number
  /** What the keys of its objects begin with. */
  readonly folder: string
  /** The topic it is restored to, under the same number. */
  readonly target: string
  readonly sourcePartition: SourcePartition
}

/** `name`: topic/partition; null for what is none. */
export function splitName(name: string): { readonly topic: string; readonly partition: number } | null {
  const slash = name.lastIndexOf('/')
  const topic = name.slice(0, Math.max(0, slash))
  const partition = partitionOf(name.slice(slash + 1))
  return topic === '' || topic.includes('/') || partition === null ? null : { topic, partition }
}

export const targetOf = (topic: string, topicPrefix: string): string =>
  topicPrefix === '' ? topic : `${topicPrefix}-${topic}`

/** The partitions that the connector gave the task. */
export function partitionsOf(
  config: Pick<RestoreConfig, 'prefix' | 'kafka.topicPrefix' | 'worker.tasks'>,
): readonly BackedUpPartition[] {
  const prefix = keyPrefix(config.prefix)
  const topicPrefix = config['kafka.topicPrefix']
  return listOf(config['worker.tasks'] ?? '').flatMap((name) => {
    const parts = splitName(name)
    if (parts === null) return []
    return [
      {
        name,
        ...parts,
        folder: partitionFolder(prefix, parts.topic, parts.partition),
        target: targetOf(parts.topic, topicPrefix),
        sourcePartition: sourcePartitionOf(name, topicPrefix),
      },
    ]
  })
}

/** The entries of a list separated by commas, trimmed. */
export const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
