import type {
  ConfigDef,
  PartitionOffset,
  Props,
  SinkPlugin,
  SinkRecord,
  SinkTask,
  SourcePlugin,
  SourceRecord,
  SourceTask,
  TopicPartition,
} from '@isthmus/sdk'
import { ConnectError, codeOf, parseConfig } from '@isthmus/sdk'
import { polledFault } from '@isthmus/sdk/checks'
import {
  connectorContext,
  connectorProps,
  type LentContextOptions,
  type SourceContextOptions,
  sinkContext,
  sourceContext,
} from './contexts.ts'
import { memoryKafka } from './memory-kafka.ts'

const MAX_RETRIES = 10

/** What the connector and its task are lent alike; their signal aborts when both are disposed of. */
function openLent({ kafka = memoryKafka(), log, clock }: LentContextOptions, stack: AsyncDisposableStack) {
  const ended = new AbortController()
  stack.defer(() => ended.abort())
  return { kafka, signal: ended.signal, ...(log && { log }), ...(clock && { clock }) }
}

/**
 * Runs a source with one task, as a worker would, until it has given `count` records or `signal` aborts (default: after ten
 * seconds), and returns them. What no worker could use is refused as a worker refuses it. Every record counts as delivered, so `commitRecord` and `commit` are called too.
 */
export async function runSource<D extends ConfigDef>(
  plugin: SourcePlugin<D>,
  props: Props,
  options: SourceContextOptions & { readonly count: number },
): Promise<readonly SourceRecord[]> {
  const signal = options.signal ?? AbortSignal.timeout(10_000)
  const configured = connectorProps(plugin.class, props)
  await using stack = new AsyncDisposableStack()
  const lent = { ...openLent(options, stack), stored: options.stored ?? [] }
  const context = connectorContext(lent)
  const connector = await plugin.connector(parseConfig(plugin.config, configured), context)
  stack.defer(() => connector[Symbol.asyncDispose]?.())
  const [taskProps = configured] = await connector.taskConfigs(1)
  const task = await plugin.task(parseConfig(plugin.config, taskProps), sourceContext(lent))
  stack.use(task)
  const records: SourceRecord[] = []
  while (records.length < options.count && !signal.aborted) {
    const batch = await pollPatiently(task, signal)
    const fault = polledFault(batch)
    if (fault !== null) throw new ConnectError('plugin', `The task of ${plugin.class}: ${fault}`)
    for (const [index, record] of (batch ?? []).entries())
      task.commitRecord?.(record, {
        topic: record.topic,
        partition: record.kafkaPartition ?? 0,
        offset: records.length + index,
        timestamp: record.timestamp ?? 0,
      })
    records.push(...(batch ?? []))
    await task.commit?.()
    if (context.raised.length > 0) throw context.raised[0]
  }
  return records
}

async function pollPatiently(task: SourceTask, signal: AbortSignal): Promise<readonly SourceRecord[] | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task.poll(signal)
    } catch (error) {
      if (codeOf(error) !== 'retriable' || attempt === MAX_RETRIES) throw error
    }
  }
}

/**
 * Gives the records to one task of a sink, in batches of `batchSize` (default: all at once), and commits. Returns the offsets that are
 * then safe, and the records that the task reported as bad.
 */
export async function runSink<D extends ConfigDef>(
  plugin: SinkPlugin<D>,
  props: Props,
  records: readonly SinkRecord[],
  options: Omit<LentContextOptions, 'signal'> & { readonly batchSize?: number } = {},
): Promise<{ readonly committed: readonly PartitionOffset[]; readonly errant: readonly SinkRecord[] }> {
  const configured = connectorProps(plugin.class, props)
  await using stack = new AsyncDisposableStack()
  const lent = openLent(options, stack)
  const connector = await plugin.connector(parseConfig(plugin.config, configured), connectorContext(lent))
  stack.defer(() => connector[Symbol.asyncDispose]?.())
  const [taskProps = configured] = await connector.taskConfigs(1)
  const next = nextOffsets(records)
  const partitions: readonly TopicPartition[] = next.map(({ topic, partition }) => ({ topic, partition }))
  const context = sinkContext({ ...lent, assignment: partitions })
  const task = await plugin.task(parseConfig(plugin.config, taskProps), context)
  stack.use(task)
  await task.open?.(partitions)
  const size = options.batchSize ?? Math.max(1, records.length)
  for (let from = 0; from < records.length; from += size)
    await putPatiently(task, records.slice(from, from + size))
  const committed = await commitOf(task, next)
  await task.close?.(partitions)
  return { committed, errant: context.errant }
}

async function putPatiently(task: SinkTask, batch: readonly SinkRecord[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task.put(batch)
    } catch (error) {
      if (codeOf(error) !== 'retriable' || attempt === MAX_RETRIES) throw error
    }
  }
}

/** What a worker commits: the answer of `preCommit`; without it, everything once `flush` is through. */
export async function commitOf(
  task: SinkTask,
  offsets: readonly PartitionOffset[],
): Promise<readonly PartitionOffset[]> {
  if (task.preCommit) return await task.preCommit(offsets)
  await task.flush?.(offsets)
  return offsets
}

/** For each partition the offset behind its last record. */
export function nextOffsets(records: readonly SinkRecord[]): readonly PartitionOffset[] {
  const next = new Map<string, PartitionOffset>()
  for (const { originalTopic: topic, originalKafkaPartition: partition, originalKafkaOffset } of records)
    next.set(`${topic}-${partition}`, { topic, partition, offset: originalKafkaOffset + 1 })
  return [...next.values()]
}
