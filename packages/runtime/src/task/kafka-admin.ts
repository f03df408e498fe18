import type { Admin, Cluster, KafkaError, NewTopic } from '@isthmus/kafka'
import { type Clock, ConnectError, codeOf, type KafkaAdmin, type Props, systemClock } from '@isthmus/sdk'
import { unheeded } from '../config/client-classes.ts'
import { adminProps } from '../config/clients.ts'
import type { HostPort } from '../host/inside/host-port.ts'
import type { ConnectorSpec, TaskSpec } from '../host/messages.ts'
import { contextOf } from '../log/log.ts'
import { callStalls } from '../log/stalls.ts'
import { messageOf } from '../text/trace.ts'
import { abortable } from '../waiting.ts'
import { clientLogs } from './kafka.ts'

/** Whose client it is. */
export interface KafkaAdminParts {
  readonly spec: ConnectorSpec | TaskSpec
  /** Variables replaced. */
  readonly connectorProps: Props
  readonly hostPort: Pick<HostPort, 'kafka' | 'logger'>
  /** Of the connector or task: what is under way when it aborts is given up. */
  readonly signal: AbortSignal
}

/**
 * What every context of a connector or task has, on the stack of what that one holds: before it, so that it goes after it. Only then the signal aborts,
 * or when `cancelled` does.
 */
export function openLoan(
  parts: Omit<KafkaAdminParts, 'signal'>,
  cancelled: AbortSignal,
  stack: AsyncDisposableStack,
): { readonly signal: AbortSignal; readonly kafka: KafkaAdmin; readonly clock: Clock } {
  const ended = new AbortController()
  const signal = AbortSignal.any([cancelled, ended.signal])
  const kafka = stack.use(openKafkaAdmin({ ...parts, signal }))
  stack.defer(() => ended.abort())
  return { signal, kafka, clock: systemClock }
}

interface Opened {
  readonly cluster: Cluster
  readonly admin: Admin
}

/** What a connector or task is lent of Kafka's administration: a client that is opened by the first call. */
function openKafkaAdmin(parts: KafkaAdminParts): KafkaAdmin & AsyncDisposable {
  const { spec, connectorProps, hostPort, signal } = parts
  const context = contextOf(spec)
  const log = hostPort.logger('org.apache.kafka.connect.util.TopicAdmin', context)
  let opening: Promise<Opened> | null = null
  const open = async (): Promise<Opened> => {
    const kafka = await hostPort.kafka()
    const props = adminProps({ worker: spec.worker.props, connector: connectorProps }, spec)
    const without = unheeded(connectorProps, spec.worker.props, ['admin'])
    // once for the connector, not for each of its tasks
    if (spec.kind === 'connector' || spec.task === 0) for (const line of without) log.warn(line)
    const cluster = kafka.openCluster(
      props,
      clientLogs((name) => hostPort.logger(name, context)),
    )
    return { cluster, admin: kafka.openAdmin(cluster) }
  }
  /** `doing` follows upon "Could not" and "to". */
  const call = async <T>(doing: string, work: (admin: Admin, cluster: Cluster) => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    opening ??= open()
    const { cluster, admin } = await abortable(opening, signal)
    const stalled = callStalls(log, doing, () => cluster.failure)
    try {
      const answer = await work(admin, cluster)
      stalled.over()
      return answer
    } catch (error) {
      signal.throwIfAborted()
      throw callError(doing, error, cluster.failure)
    } finally {
      stalled[Symbol.dispose]()
    }
  }

  return {
    topics: (names) => call(`look up ${topicsNamed(names)}`, (admin) => describe(admin, names, signal)),
    createTopics: (topics) =>
      call(`create ${topicsNamed(topics.map(({ name }) => name))}`, async (admin, cluster) => {
        // looked for first: whoever may write to a topic need not be allowed to create one
        const known = await describe(
          admin,
          topics.map(({ name }) => name),
          signal,
        )
        const missing = topics.flatMap(({ name, partitions, replicationFactor = -1, config = {} }) =>
          known.has(name) ? [] : [{ name, partitions, replicationFactor, configs: config }],
        )
        if (missing.length === 0) return []
        const created = createdOf(await admin.createTopics(missing, signal), missing)
        for (const { name, partitions, replicationFactor } of created.topics)
          log.info(
            `Created topic '${name}' with ${partitions} partitions and replication factor ${replicationFactor} (-1: the broker's default)`,
          )
        if (created.refused.length > 0) throw worst(created.refused)
        // the controller has them before the brokers do that are asked for them next
        await Promise.all(missing.map(({ name }) => cluster.topic(name, { signal })))
        return created.topics.map(({ name }) => name)
      }),
    groups: () =>
      call('list the consumer groups', async (admin) => {
        const groups = await admin.listGroups(signal)
        return [...new Set(groups.filter(isOfConsumers).map(({ groupId }) => groupId))].sort()
      }),
    groupOffsets: (group, partitions) =>
      call(`read the offsets of group ${group}`, (admin) => admin.groupOffsets(group, partitions, signal)),
    alterGroupOffsets: (group, offsets) =>
      call(`alter the offsets of group ${group}`, async (admin) => {
        if (offsets.length > 0) await admin.alterGroupOffsets(group, offsets, signal)
      }),
    async [Symbol.asyncDispose]() {
      const opened = await opening?.catch(() => null)
      await opened?.cluster[Symbol.asyncDispose]()
    },
  }
}

/** Of those that exist. */
async function describe(
  admin: Admin,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, { readonly partitions: number }>> {
  const found = await admin.describeTopics(names, signal)
  const refused = [...found.values()].flatMap((one) =>
    'kafka' in one && one.kafka !== 'UNKNOWN_TOPIC_OR_PARTITION' ? [one] : [],
  )
  if (refused.length > 0) throw worst(refused)
  return new Map(
    [...found].flatMap(([name, one]) =>
      'kafka' in one ? [] : [[name, { partitions: one.partitions.length }]],
    ),
  )
}

/** What became of topics that were not there: somebody else may have been faster. */
function createdOf(
  outcomes: ReadonlyMap<string, KafkaError | null>,
  topics: readonly NewTopic[],
): { readonly topics: readonly NewTopic[]; readonly refused: readonly KafkaError[] } {
  return {
    topics: topics.filter(({ name }) => outcomes.get(name) === null),
    refused: [...outcomes.values()].flatMap((error) =>
      error === null || error.kafka === 'TOPIC_ALREADY_EXISTS' ? [] : [error],
    ),
  }
}

/** Of several errors one that no further attempt mends, if there is any. */
const worst = (errors: readonly KafkaError[]): KafkaError | undefined =>
  errors.find(({ retriable }) => !retriable) ?? errors[0]

/** As Java's admin client has it: a group that has offsets and never had members is of no type. */
const isOfConsumers = ({ protocolType }: { readonly protocolType: string }): boolean =>
  protocolType === 'consumer' || protocolType === ''

/** `failure`: what the last request ended in, which a call that was given up need not name. */
function callError(doing: string, cause: unknown, failure: KafkaError | null): unknown {
  if (codeOf(cause) !== 'kafka') return cause
  const { kafka, retriable } = cause as KafkaError
  const what = `Could not ${doing}`
  if (kafka === 'UNKNOWN_MEMBER_ID')
    return new ConnectError(
      'state',
      `${what}: it has members, and only those may commit offsets. Stop its consumers first.`,
      { cause },
    )
  const why = messageOf(cause)
  const last = kafka === 'TIMED_OUT' && failure !== null ? messageOf(failure) : ''
  const more = why.includes(last) ? '' : `. The last error: ${last}`
  return new ConnectError(retriable ? 'retriable' : 'kafka', `${what}: ${why}${more}`, { cause })
}

const SHOWN = 5

function topicsNamed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ')
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `${names.length === 1 ? 'topic' : 'topics'} ${shown}${more}`
}
