/** Lines that Java's file source reads as ours does: its positions are right for ASCII only. */
export const linesOf = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${from + i} line of text ${'x'.repeat((from + i) % 40)}`)

type Props = { readonly [name: string]: string }

export const sourceOf = (topic: string, file: string): Props => ({
  'connector.class': 'FileStreamSource',
  'tasks.max': '1',
  topic,
  file,
})
export const sinkOf = (topic: string, file: string): Props => ({
  'connector.class': 'FileStreamSink',
  'tasks.max': '1',
  topics: topic,
  file,
})

export const workerProps = (bootstrapServers: string, group: string, more: Props = {}): Props => ({
  'bootstrap.servers': bootstrapServers,
  'group.id': group,
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'offset.flush.interval.ms': '500',
  'scheduled.rebalance.max.delay.ms': '1000',
  'session.timeout.ms': '10000',
  // the group of a sink waits for a member that was killed, too
  'consumer.session.timeout.ms': '6000',
  'consumer.heartbeat.interval.ms': '1000',
  'offset.storage.partitions': '3',
  'status.storage.partitions': '3',
  ...Object.fromEntries(
    ['offset', 'config', 'status'].flatMap((kind) => [
      [`${kind}.storage.topic`, `${group}-${kind}`],
      [`${kind}.storage.replication.factor`, '1'],
    ]),
  ),
  ...more,
})
