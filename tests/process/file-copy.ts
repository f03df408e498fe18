type Props = { readonly [name: string]: string }

/** The properties of a standalone worker that copies text. Offsets are flushed often, so that tests need not wait. */
export const workerProps = (bootstrapServers: string, offsetsFile: string, more: Props = {}): Props => ({
  'bootstrap.servers': bootstrapServers,
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'offset.storage.file.filename': offsetsFile,
  'offset.flush.interval.ms': '200',
  ...more,
})

export const sourceProps = (topic: string, file: string, more: Props = {}): Props => ({
  name: `${topic}-source`,
  'connector.class': 'FileStreamSource',
  'tasks.max': '1',
  file,
  topic,
  ...more,
})

export const sinkProps = (topic: string, file: string, more: Props = {}): Props => ({
  name: `${topic}-sink`,
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  'tasks.max': '1',
  file,
  topics: topic,
  ...more,
})

let topics = 0
/** A topic of the test's own, also on a broker that others use. */
export const newTopic = (): string => `isthmus-${process.pid}-${Date.now().toString(36)}-${++topics}`
