import { KineticaSink } from '@isthmus/connector-kinetica'
import { openSimulator, type Simulator } from '@isthmus/kinetica-simulator'
import {
  type PartitionOffset,
  type Props,
  parseConfig,
  type Schema,
  type SinkRecord,
  type SinkTask,
  type Value,
} from '@isthmus/sdk'
import { type SinkContext, sinkContext, sinkRecord } from '@isthmus/testkit'

export interface SinkUnderTest extends AsyncDisposable {
  readonly task: SinkTask
  readonly context: SinkContext
  /** Lines of the log that begin with a level. */
  readonly log: readonly string[]
  /** What the task says may be committed of partition 0 of each topic when records up to `offset` have been put. */
  commit(offset: number, topic?: string): Promise<number | undefined>
}

/** A task of the sink as a connector configures it, with a log to look at. `null`: the worker takes no bad records. */
export async function openSink(
  url: string,
  props: Props = {},
  { errant = true, signal }: { readonly errant?: boolean; readonly signal?: AbortSignal } = {},
): Promise<SinkUnderTest> {
  const log: string[] = []
  const level = (name: string) => (message: string) => {
    log.push(`${name} ${message}`)
  }
  const lines = { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') }
  const context = sinkContext({ log: lines, ...(signal && { signal }) })
  const given = { 'kinetica.url': url, topics: 't', ...props }
  const connector = await KineticaSink.connector(parseConfig(KineticaSink.config, given), {
    ...context,
    requestTaskReconfiguration() {},
    raiseError() {},
  })
  const [taskProps] = await connector.taskConfigs(1)
  const config = parseConfig(KineticaSink.config, { ...taskProps, topics: given.topics })
  const task = await KineticaSink.task(config, errant ? context : { ...context, errantRecords: null })
  return {
    task,
    context,
    log,
    async commit(offset, topic = 't') {
      const asked: readonly PartitionOffset[] = [{ topic, partition: 0, offset }]
      return (await task.preCommit?.(asked))?.[0]?.offset
    },
    [Symbol.asyncDispose]: () => task[Symbol.asyncDispose](),
  }
}

/** Records of one topic-partition from an offset on, a value each. */
export const recordsOf = (
  schema: Schema | null,
  values: readonly Value[],
  { from = 0, topic = 't', ...others }: Partial<SinkRecord> & { readonly from?: number } = {},
): readonly SinkRecord[] =>
  values.map((value, index) =>
    sinkRecord({ topic, kafkaOffset: from + index, valueSchema: schema, value, ...others }),
  )

export { openSimulator, type Simulator }
