import type { PartitionOffset } from '@isthmus/sdk'
import { topicPattern } from '../config/sink.ts'
import type { GroupChange, Questions } from '../host/messages.ts'
import type { Logger } from '../log/log.ts'
import { groupStalls } from '../log/stalls.ts'
import { clientLogs, type KafkaClients } from '../task/kafka.ts'

/** A sink task's membership in its consumer group, kept by the main thread, which no task can block. */
export interface SinkGroup {
  commit(offsets: readonly PartitionOffset[]): Promise<void>
  alive(): void
  /** Gives it up at once. Settles when the group knows, which may take until its coordinator is back, or when `signal` aborts. */
  close(signal: AbortSignal): Promise<void>
}

const LOGGER = 'org.apache.kafka.connect.runtime.Worker'

/** About 100 ms. Patterns that are written for topics take some hundreds at a name. */
const PATTERN_STEPS = 1_000_000

/** `tell` settles when the task has carried out the change; `failed` gets the error that ended the membership. */
export function openSinkGroup(
  { props, topics }: Pick<Questions['join']['ask'], 'props' | 'topics'>,
  kafka: KafkaClients,
  tell: (change: GroupChange) => Promise<unknown>,
  failed: (error: unknown) => void,
  named: (logger: string) => Logger,
): SinkGroup {
  const log = named(LOGGER)
  const stop = new AbortController()
  const cluster = kafka.openCluster(props, clientLogs(named))
  const group = kafka.openConsumerGroup(
    cluster,
    props,
    typeof topics === 'string' ? { pattern: topicPattern(topics, { steps: PATTERN_STEPS }) } : { topics },
    { stalled: groupStalls(log, props['group.id'] ?? '') },
  )
  const follow = async () => {
    for await (const event of group.events(stop.signal)) {
      const named = event.partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(', ')
      log.info(`Partitions ${event.type}: ${named === '' ? 'none' : named}`)
      try {
        await tell(event.type === 'assigned' ? event : { type: event.type, partitions: event.partitions })
      } finally {
        if (event.type === 'revoked') event.done()
      }
    }
  }
  const followed = follow().catch((error) => {
    if (!stop.signal.aborted) failed(error)
  })
  return {
    commit: (offsets) => group.commit(offsets),
    alive: () => group.alive(),
    async close(signal) {
      stop.abort()
      await group.close(signal)
      await followed
      await cluster[Symbol.asyncDispose]()
    },
  }
}
