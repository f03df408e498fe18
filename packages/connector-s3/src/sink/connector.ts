import type { ConnectorContext, SinkConnector } from '@isthmus/sdk'
import type { BackupConfig } from '../config/backup.ts'

/** Every task has the whole configuration; the consumer group decides which partitions it backs up. */
export function backupConnector({ raw, ...config }: BackupConfig, { log }: ConnectorContext): SinkConnector {
  log.info(`Backing up to bucket ${config['aws.s3.bucket']}, below '${config.prefix.trim()}'`)
  if (/^\/|\/\//.test(config.prefix.trim()))
    log.warn(
      `prefix '${config.prefix.trim()}' begins with a slash or has two in a row: AWS keeps it as it is, but servers that keep objects as files drop such slashes, and a restore finds nothing`,
    )
  return {
    taskConfigs: (maxTasks) =>
      Array.from({ length: maxTasks }, (_, task) => ({ ...raw, 'task.id': String(task) })),
  }
}
