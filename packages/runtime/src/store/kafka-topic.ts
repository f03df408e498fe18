import {
  type ClientProps,
  type CompactedLog,
  type CompactedLogOptions,
  openAdmin,
  openCluster,
  openCompactedLog,
} from '@isthmus/kafka'
import type { Logger } from '../log.ts'
import { ensureTopic, type InternalTopic } from './topic-setup.ts'

export interface TopicParts {
  /** Of the worker's own clients, with a client id. */
  readonly props: ClientProps
  readonly topic: InternalTopic
  readonly log: Logger
  readonly signal?: AbortSignal | undefined
}

const SETUP_MS = 60_000

/** As Java's: one request at a time without idempotence, so that retries cannot reorder, and as long as it takes. */
const WRITING = {
  acks: 'all',
  'enable.idempotence': 'false',
  'max.in.flight.requests.per.connection': '1',
  'delivery.timeout.ms': '2147483647',
}

/** A topic of the group, created or checked, and read to its end once. Disposal closes its connections too. */
export async function openTopic(
  { props, topic, log, signal }: TopicParts,
  apply: CompactedLogOptions['apply'],
): Promise<CompactedLog> {
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(openCluster(props))
  const patienceMs = Number(props['default.api.timeout.ms'] ?? SETUP_MS)
  await ensureTopic(openAdmin(cluster), topic, { log, patienceMs, signal })
  const opened = stack.use(
    await openCompactedLog(cluster, { ...props, ...WRITING }, { topic: topic.name, apply }, signal),
  )
  const owned = stack.move()
  return {
    append: (records, s) => opened.append(records, s),
    readToEnd: (s) => opened.readToEnd(s),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
