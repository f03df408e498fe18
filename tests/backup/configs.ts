type Props = { readonly [name: string]: string }

const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
export const BACKUP = 'backup'
export const RESTORE = 'restore'
export const OFFSETS_TOPIC = 'proof-offsets'
const PREFIX = 'proof'
/** What the keys of the backup begin with. */
export const FOLDER = `${PREFIX}/`
export const GROUP = 'app'

/** The group waits this long for a member that was killed. */
const SESSION_MS = '6000'

export const workerProps = (bootstrapServers: string): Props => ({
  'bootstrap.servers': bootstrapServers,
  'group.id': 'proof',
  'config.storage.topic': 'proof-configs',
  'offset.storage.topic': OFFSETS_TOPIC,
  'status.storage.topic': 'proof-status',
  'config.storage.replication.factor': '1',
  'offset.storage.replication.factor': '1',
  'status.storage.replication.factor': '1',
  'offset.storage.partitions': '1',
  'status.storage.partitions': '1',
  'key.converter': bytes,
  'value.converter': bytes,
  'session.timeout.ms': SESSION_MS,
  'heartbeat.interval.ms': '1000',
  'scheduled.rebalance.max.delay.ms': '500',
  'offset.flush.interval.ms': '500',
  'consumer.session.timeout.ms': SESSION_MS,
  'consumer.heartbeat.interval.ms': '1000',
})

/** `bucket`: how it is reached. */
export const backupConfig = (topics: readonly string[], bucket: Props): Props => ({
  ...bucket,
  'connector.class': 'com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector',
  'tasks.max': '2',
  topics: topics.join(),
  prefix: PREFIX,
  'kafka.consumerGroups': GROUP,
  // without this the records of aborted transactions are backed up as well
  'consumer.override.isolation.level': 'read_committed',
})

export const restoreConfig = (bucket: Props, recordsPerSecond: number): Props => ({
  ...bucket,
  'connector.class': 'com.instaclustr.kafka.connect.s3.source.AwsStorageSourceConnector',
  'tasks.max': '2',
  prefix: PREFIX,
  'kafka.restoreConsumerGroups': 'true',
  maxRecordsPerSecond: String(recordsPerSecond),
})
