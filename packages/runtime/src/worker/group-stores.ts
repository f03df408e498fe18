import type { Props } from '@isthmus/sdk'
import { workerClientProps } from '../config/clients.ts'
import type { DistributedConfig } from '../config/distributed.ts'
import { type Log, loggerOf } from '../log/log.ts'
import { openKafkaConfigs } from '../store/configs/kafka.ts'
import { openKafkaOffsets } from '../store/offsets/kafka.ts'
import { openKafkaStatuses } from '../store/statuses/kafka.ts'
import type { ConfigStore, OffsetStore, StatusStore } from '../store/stores.ts'
import { type InternalTopic, topicConfigsIn } from '../store/topic/setup.ts'
import { clientLogs } from '../task/kafka.ts'

export interface KafkaStoresOptions {
  readonly log: Log
  readonly onLogLevel: (namespace: string, level: string) => void
  /** Ends the opening. */
  readonly signal?: AbortSignal | undefined
}

export interface KafkaStores extends AsyncDisposable {
  readonly configs: ConfigStore
  readonly offsets: OffsetStore
  readonly statuses: StatusStore
}

const LOGGERS = 'org.apache.kafka.connect.storage'

/** The three topics of a group of workers; resolves when all have been read. */
export async function openKafkaStores(
  worker: Props,
  config: DistributedConfig,
  { log, onLogLevel, signal }: KafkaStoresOptions,
): Promise<KafkaStores> {
  const clientId = config['client.id'] === '' ? '' : `${config['client.id']}-`
  const partsOf = (
    kind: 'config' | 'offset' | 'status',
    what: string,
    partitions: number,
    logger: string,
  ) => {
    const property: InternalTopic['property'] = `${kind}.storage.topic`
    return {
      props: workerClientProps(worker, `${config['group.id']}-${clientId}${what}`),
      topic: {
        name: config[property],
        property,
        partitions,
        replicationFactor: config[`${kind}.storage.replication.factor`],
        configs: topicConfigsIn(worker, `${kind}.storage.`),
      },
      log: loggerOf(log, `${LOGGERS}.${logger}`),
      ...clientLogs((name) => loggerOf(log, name)),
      signal,
    }
  }
  await using stack = new AsyncDisposableStack()
  // nothing of this waits for the other
  const opening = [
    openKafkaConfigs({ ...partsOf('config', 'configs', 1, 'KafkaConfigBackingStore'), onLogLevel }),
    openKafkaOffsets(
      partsOf('offset', 'offsets', config['offset.storage.partitions'], 'KafkaOffsetBackingStore'),
    ),
    openKafkaStatuses(
      partsOf('status', 'statuses', config['status.storage.partitions'], 'KafkaStatusBackingStore'),
    ),
  ] as const
  for (const one of await Promise.allSettled(opening)) if (one.status === 'fulfilled') stack.use(one.value)
  const [configs, offsets, statuses] = await Promise.all(opening)
  const owned = stack.move()
  return { configs, offsets, statuses, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
