import type { Props } from '@isthmus/sdk'
import { adminProps, consumerProps, producerProps } from '../../config/clients.ts'
import { parseDistributed } from '../../config/distributed.ts'
import type { HostPort } from '../../host/inside/host-port.ts'
import type { InstanceSpec } from '../../host/messages.ts'
import { contextOf } from '../../log/log.ts'
import { openKafkaOffsets } from '../../store/offsets/kafka.ts'
import { layeredOffsets } from '../../store/offsets/layered.ts'
import type { OffsetStore } from '../../store/stores.ts'
import { topicConfigsIn } from '../../store/topic/setup.ts'

/** Whose offsets they are. */
export interface SourceOffsetsParts {
  readonly spec: InstanceSpec
  /** Variables replaced. */
  readonly connectorProps: Props
  readonly hostPort: Pick<HostPort, 'ask' | 'logger'>
  readonly signal?: AbortSignal
}

/**
 * The offsets that a source connector keeps in a topic of its own, with the clients that it has; the worker gets a copy of them, and is
 * asked for what is not there. The topic is created as the worker's is.
 */
export async function openOwnOffsets(
  topic: string,
  { spec, connectorProps, hostPort, signal }: SourceOffsetsParts,
  withWorker: OffsetStore,
): Promise<OffsetStore> {
  const { props: workerProps } = spec.worker
  const worker = parseDistributed(workerProps)
  const sources = { worker: workerProps, connector: connectorProps }
  const producer = producerProps(sources, spec)
  const log = hostPort.logger('org.apache.kafka.connect.storage.ConnectorOffsetBackingStore', contextOf(spec))
  const own = await openKafkaOffsets({
    props: { 'isolation.level': 'read_committed', ...consumerProps(sources, spec) },
    producer,
    admin: adminProps(sources, spec),
    topic: {
      name: topic,
      property: 'offsets.storage.topic',
      partitions: worker['offset.storage.partitions'],
      replicationFactor: worker['offset.storage.replication.factor'],
      configs: topicConfigsIn(workerProps, 'offset.storage.'),
    },
    log,
    signal,
  })
  const same = topic === worker['offset.storage.topic'] && serversIn(producer) === serversIn(workerProps)
  return same ? own : layeredOffsets(own, withWorker, log)
}

/** In any order. */
const serversIn = (props: Props): string =>
  (props['bootstrap.servers'] ?? '')
    .split(',')
    .map((server) => server.trim())
    .sort()
    .join()
