import { type ConfigDef, type ConfigOf, regex } from '@isthmus/sdk'
import { storeConfig } from './store.ts'

/** Properties of the sink. */
export const backupConfig = {
  ...storeConfig,
  'kafka.consumerGroups': {
    type: 'string',
    default: '',
    validate: regex,
    importance: 'medium',
    doc: 'A regular expression. The committed offsets of the consumer groups whose whole names it matches are kept with the backup of each partition. Empty: none.',
  },
  'task.id': {
    type: 'int',
    default: 0,
    importance: 'low',
    internal: true,
    doc: 'Which of its tasks a configuration is for; set by the connector.',
  },
} as const satisfies ConfigDef

export type BackupConfig = ConfigOf<typeof backupConfig>
