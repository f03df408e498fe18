import { atLeast, type ConfigDef, type ConfigOf, oneOf, type Validator } from '@isthmus/sdk'
import { storeConfig } from './store.ts'

const topicPrefix: Validator = (value) =>
  typeof value !== 'string' || /^[a-zA-Z0-9]*$/.test(value)
    ? null
    : 'may consist of letters and digits of ASCII only'

/** Properties of the source. */
export const restoreConfig = {
  ...storeConfig,
  's3.topics': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'The topics to restore, as they are named in the backup, separated by commas. Empty: all that are in the backup.',
  },
  'kafka.topicPrefix': {
    type: 'string',
    default: '',
    validate: topicPrefix,
    importance: 'medium',
    doc: 'A topic is restored to one whose name is this, a hyphen, and its name in the backup. Empty: to the topic that it was.',
  },
  'kafka.createTopics': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether topics to restore to that do not exist are created, with as many partitions as the backup has or topic.creation.default.partitions says, whichever is more, and the other properties that begin with topic.creation.default.',
  },
  maxRecordsPerSecond: {
    type: 'int',
    default: 500,
    validate: atLeast(0),
    importance: 'medium',
    doc: 'How many records each task restores per second at most. 0: as many as it can.',
  },
  's3.rescanIntervalSeconds': {
    type: 'int',
    default: 300,
    validate: atLeast(1),
    importance: 'low',
    doc: 'How often the bucket is looked through for new objects, partitions and topics, in seconds.',
  },
  'restore.gaps': {
    type: 'string',
    default: 'tolerate',
    validate: oneOf('tolerate', 'strict'),
    importance: 'low',
    doc: 'What to do where offsets are missing in the backup. tolerate: go on, since compaction and transactions leave gaps in every topic that has them. strict: fail. An object that ends too early is a failure with either.',
  },
  'kafka.restoreConsumerGroups': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether the offsets of consumer groups that are in the backup are committed for the restored topics, translated to the offsets that the records have there.',
  },
  'worker.tasks': {
    type: 'string',
    default: null,
    importance: 'low',
    internal: true,
    doc: 'The partitions of the backup that a task restores, as topic/partition, separated by commas; set by the connector.',
  },
} as const satisfies ConfigDef

export type RestoreConfig = ConfigOf<typeof restoreConfig>
