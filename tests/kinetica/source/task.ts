import { KineticaSource } from '@isthmus/connector-kinetica'
import { openSourceTask, TIMINGS, type Timings } from '@isthmus/connector-kinetica/testing'
import { type Props, parseConfig, type SourceRecord, type SourceTask } from '@isthmus/sdk'
import { type StoredOffsets, sourceContext } from '@isthmus/testkit'

/** Short waits, so that a test sees what comes of them. */
const SHORT: Timings = {
  ...TIMINGS,
  monitorIdle: 100,
  look: 50,
  lookBesideMonitor: 5000,
  retry: 20,
  longestRetry: 100,
}

export interface TaskUnderTest extends AsyncDisposable {
  /** So many records, or fewer if the task fails first. */
  read(count: number): Promise<readonly SourceRecord[]>
  /** What the task fails with. */
  failure(): Promise<Error>
  /** Lines of the log that begin with a level. */
  readonly log: readonly string[]
  readonly task: SourceTask
}

const LONGEST_MS = 15_000

export interface TaskOptions {
  readonly stored?: StoredOffsets
  readonly timings?: Partial<Timings>
  /** Of the context: aborts when the task is to give up what it waits for. */
  readonly signal?: AbortSignal
}

/** A task of the source, with a log to look at. */
export async function openTask(
  props: Props,
  { stored = [], timings = {}, ...lent }: TaskOptions = {},
): Promise<TaskUnderTest> {
  const log: string[] = []
  const level = (name: string) => (message: string) => {
    log.push(`${name} ${message}`)
  }
  const context = sourceContext({
    ...lent,
    stored,
    log: { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') },
  })
  const config = parseConfig(KineticaSource.config, props)
  const task = await openSourceTask(config, context, { ...SHORT, ...timings })
  const patience = () => AbortSignal.timeout(LONGEST_MS)
  return {
    task,
    log,
    async read(count) {
      const records: SourceRecord[] = []
      const signal = patience()
      while (records.length < count) {
        const batch = await task.poll(signal)
        if (signal.aborted) throw new Error(`${records.length} of ${count} records, and:\n${log.join('\n')}`)
        records.push(...(batch ?? []))
      }
      return records
    },
    async failure() {
      const signal = patience()
      for (;;) {
        try {
          await task.poll(signal)
        } catch (error) {
          return error as Error
        }
        if (signal.aborted) throw new Error(`The task has not failed:\n${log.join('\n')}`)
      }
    },
    [Symbol.asyncDispose]: () => task[Symbol.asyncDispose](),
  }
}
