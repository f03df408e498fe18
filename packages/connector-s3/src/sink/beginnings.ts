import type { SinkRecord, TaskLog } from '@isthmus/sdk'

/**
 * Notices topics that were deleted and created again, whose partitions hold other records under offsets that were backed up before. Takes each
 * record that may be delivered again. The first record of a partition that a task was given tells: Kafka never goes back behind it, nor does
 * it become another one.
 */
export function openBeginnings(log: Pick<TaskLog, 'warn'>): (record: SinkRecord) => void {
  const firsts = new Map<string, { readonly offset: number; readonly timestamp: number | null }>()
  return ({ originalTopic, originalKafkaPartition, originalKafkaOffset: offset, timestamp }) => {
    const name = `${originalTopic}-${originalKafkaPartition}`
    const first = firsts.get(name)
    if (first !== undefined) {
      if (offset > first.offset || (offset === first.offset && timestamp === first.timestamp)) return
      log.warn(
        `${name} begins anew, at offset ${offset}: the topic seems to have been deleted and created again. In the backup, objects of both have the same offsets, and a restore takes each offset once: back up to another prefix from now on, or take the old objects away`,
      )
    }
    firsts.set(name, { offset, timestamp })
  }
}
