import type { AlterSourceOffsets } from '@isthmus/sdk'
import { keyPrefix, partitionFolder } from '../objects/key.ts'
import { splitName } from './partition.ts'
import { checkPosition } from './position.ts'

/** Takes positions that a restore can go on from, and resets of any partition. */
export const alterRestoreOffsets: AlterSourceOffsets = (props, offsets) => {
  const prefix = keyPrefix(props['prefix'] ?? '')
  for (const [partition, offset] of offsets)
    checkPosition(partition, offset, (source) => {
      const parts = splitName(source)
      return parts === null ? null : partitionFolder(prefix, parts.topic, parts.partition)
    })
  return true
}
