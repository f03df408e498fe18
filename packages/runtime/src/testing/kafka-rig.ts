/** Stores on topics of their own, for tests. */
import { randomUUID } from 'node:crypto'
import { type ClientProps, openAdmin, openCluster, openCompactedLog } from '@isthmus/kafka'
import type { LogEntry } from '../log/log.ts'
import { loggerOf } from '../log/log.ts'
import { openKafkaConfigs } from '../store/configs/kafka.ts'
import { openKafkaOffsets } from '../store/offsets/kafka.ts'
import { openKafkaStatuses } from '../store/statuses/kafka.ts'
import type { ConfigStore, OffsetStore, StatusStore } from '../store/stores.ts'
import type { InternalTopic } from '../store/topic/setup.ts'
import type { TextRecord } from '../store/topic/topic.ts'

export interface KafkaPlace extends AsyncDisposable {
  readonly configs: InternalTopic
  readonly offsets: InternalTopic
  readonly statuses: InternalTopic
  readonly lines: readonly LogEntry[]
  readonly levels: readonly string[]
  readonly props: ClientProps
  openConfigs(signal?: AbortSignal, writeMs?: number): Promise<ConfigStore>
  openOffsets(): Promise<OffsetStore>
  openStatuses(): Promise<StatusStore>
}

/** Three names of topics; they are deleted with this, if they were made. */
export function openKafkaPlace(bootstrap: string, extra: ClientProps = {}): KafkaPlace {
  const id = randomUUID()
  const topic = (property: InternalTopic['property'], partitions: number): InternalTopic => ({
    name: `stores-${property}-${id}`,
    property,
    partitions,
    replicationFactor: 1,
    configs: {},
  })
  const configs = topic('config.storage.topic', 1)
  const offsets = topic('offset.storage.topic', 3)
  const statuses = topic('status.storage.topic', 2)
  const lines: LogEntry[] = []
  const levels: string[] = []
  const props = { 'bootstrap.servers': bootstrap, 'client.id': 'stores', ...extra }
  const log = loggerOf((line) => lines.push(line), 'test')
  const onLogLevel = (namespace: string, level: string) => levels.push(`${namespace}=${level}`)
  return {
    configs,
    offsets,
    statuses,
    lines,
    levels,
    props,
    openConfigs: (signal, writeMs) =>
      openKafkaConfigs({ props, log, topic: configs, onLogLevel, signal, writeMs }),
    openOffsets: () => openKafkaOffsets({ props, log, topic: offsets }),
    openStatuses: () => openKafkaStatuses({ props, log, topic: statuses }),
    async [Symbol.asyncDispose]() {
      await using cluster = openCluster(props)
      await openAdmin(cluster).deleteTopics([configs.name, offsets.name, statuses.name])
    },
  }
}

/** Puts records into a topic as they are, or reads all there are. */
export async function produce(
  place: KafkaPlace,
  topic: string,
  records: readonly TextRecord[],
): Promise<void> {
  await using cluster = openCluster(place.props)
  await cluster.topic(topic)
  await using log = await openCompactedLog(cluster, {}, { topic, apply: () => {} })
  await log.append(records)
}
export async function recordsIn(
  place: Pick<KafkaPlace, 'props'>,
  topic: string,
): Promise<readonly { partition: number; key: string | null; value: string | null }[]> {
  const found: { partition: number; key: string | null; value: string | null }[] = []
  await using cluster = openCluster(place.props)
  await using log = await openCompactedLog(
    cluster,
    {},
    {
      topic,
      apply: ({ partition, key, value }) =>
        found.push({ partition, key: key?.toString() ?? null, value: value?.toString() ?? null }),
    },
  )
  await log.readToEnd()
  return found
}
