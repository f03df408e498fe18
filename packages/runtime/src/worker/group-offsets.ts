import type { Admin } from '@isthmus/kafka'
import type { Props } from '@isthmus/sdk'
import { groupOf, workerClientProps } from '../config/clients.ts'
import type { GroupOffsets } from '../herder/offsets.ts'
import { contextOf, type Log, loggerOf } from '../log/log.ts'
import { clientLogs, type KafkaClients } from '../task/kafka.ts'

/** Offsets of the consumer group of a sink connector. */
export function groupOffsets(
  kafka: KafkaClients,
  worker: Props,
  name: string,
  connector: Props,
  log: Log,
): GroupOffsets {
  const logs = clientLogs((logger) => loggerOf(log, logger, contextOf({ connector: name })))
  const group = groupOf({ worker, connector }, name)
  const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    await using cluster = kafka.openCluster(workerClientProps(worker, 'connect-shared-admin'), logs)
    return await work(kafka.openAdmin(cluster))
  }
  return {
    read: () => withAdmin((admin) => admin.groupOffsets(group)),
    alter: (offsets) =>
      withAdmin(async (admin) => {
        const set = offsets.flatMap(({ topic, partition, offset }) =>
          offset === null ? [] : [{ topic, partition, offset }],
        )
        const forgotten = offsets.filter(({ offset }) => offset === null)
        if (set.length > 0) await admin.alterGroupOffsets(group, set)
        if (forgotten.length > 0) await admin.deleteGroupOffsets(group, forgotten)
      }),
    delete: () =>
      withAdmin(async (admin) => {
        try {
          await admin.deleteGroup(group)
        } catch (error) {
          if ((error as { kafka?: unknown }).kafka !== 'GROUP_ID_NOT_FOUND') throw error
        }
      }),
  }
}
