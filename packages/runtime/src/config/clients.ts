import type { ClientProps } from '@isthmus/kafka'
import type { Props } from '@isthmus/sdk'
import { withoutPrefix } from '@isthmus/sdk/config'
import { allowedOverrides } from './override-policy.ts'

/** Whose client it is; the task is absent for clients of the connector itself. */
export interface ClientOf {
  readonly connector: string
  readonly task?: number
}
const idOf = ({ connector, task }: ClientOf): string =>
  task === undefined ? connector : `${connector}-${task}`

interface Sources {
  /** The worker's properties. */
  readonly worker: Props
  /** The connector's, variables replaced. */
  readonly connector: Props
}

const INT_MAX = '2147483647'

/**
 * Properties of the producer of a source task. Java's worker sends one request at a time without idempotence, so that
 * retries cannot reorder. An idempotent producer keeps the order with five requests under way, and never duplicates on
 * retry; that is the default here. Whoever turns idempotence off gets Java's single request again.
 */
export function producerProps({ worker, connector }: Sources, of: ClientOf): ClientProps {
  const set = {
    ...withoutPrefix(worker, 'producer.'),
    ...allowedOverrides(connector, worker, 'producer'),
  }
  const idempotent =
    set['enable.idempotence'] !== 'false' && (set['acks'] ?? 'all') !== '0' && set['acks'] !== '1'
  return {
    'bootstrap.servers': worker['bootstrap.servers'] ?? '',
    'client.id': `connector-producer-${idOf(of)}`,
    acks: 'all',
    'enable.idempotence': String(idempotent),
    'max.in.flight.requests.per.connection': idempotent ? '5' : '1',
    'max.block.ms': '9223372036854775807',
    'delivery.timeout.ms': INT_MAX,
    ...set,
  }
}

/** The consumer group of a sink's tasks. */
export const groupOf = ({ worker, connector }: Sources, name: string): string =>
  connector['consumer.override.group.id'] ?? worker['consumer.group.id'] ?? `connect-${name}`

/** The group and the fetches of a sink task share these. */
export function consumerProps({ worker, connector }: Sources, of: ClientOf): ClientProps {
  return {
    'group.id': groupOf({ worker, connector }, of.connector),
    'client.id': `connector-consumer-${idOf(of)}`,
    'bootstrap.servers': worker['bootstrap.servers'] ?? '',
    'auto.offset.reset': 'earliest',
    ...withoutPrefix(worker, 'consumer.'),
    ...allowedOverrides(connector, worker, 'consumer'),
    'enable.auto.commit': 'false',
  }
}

/** Unlike producers and consumers, admin clients inherit the worker's own connection and security settings. */
export function adminProps({ worker, connector }: Sources, of: ClientOf): ClientProps {
  const own = Object.entries(worker).filter(([name]) => !/^(admin|producer|consumer)\./.test(name))
  return {
    ...Object.fromEntries(own),
    'client.id': `connector-adminclient-${idOf(of)}`,
    ...withoutPrefix(worker, 'admin.'),
    ...allowedOverrides(connector, worker, 'admin'),
  }
}

export function deadLetterProps(
  sources: Sources,
  of: ClientOf,
): { producer: ClientProps; admin: ClientProps } {
  return {
    producer: {
      ...producerProps(sources, of),
      'client.id': `connector-dlq-producer-${idOf(of)}`,
    },
    admin: {
      ...adminProps(sources, of),
      'client.id': `connector-dlq-adminclient-${idOf(of)}`,
    },
  }
}

/** Of the worker's own clients: everything that is not for another one. */
export function workerClientProps(worker: Props, clientId: string): ClientProps {
  const own = Object.entries(worker).filter(([name]) => !/^(admin|producer|consumer)\./.test(name))
  return { ...Object.fromEntries(own), 'client.id': clientId }
}
