import {
  ConnectError,
  NO_HEADERS,
  type Schema,
  type SourceOffset,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
} from '@isthmus/sdk'
import { type Input, nextLook, openFileInput, openStandardInput } from './input.ts'
import { openLineSplitter } from './lines.ts'

const STRING: Schema = Object.freeze({ type: 'string', optional: false })
const NOT_TRACKED: SourceOffset = Object.freeze({ position: null })

export interface FileTaskConfig {
  /** null: standard input, without offsets. */
  readonly file: string | null
  readonly topic: string
  readonly 'batch.size': number
}

export function openFileTask(config: FileTaskConfig, context: SourceTaskContext): SourceTask {
  const { file, topic, 'batch.size': batchSize } = config
  const partition = Object.freeze({ filename: file })
  let input: Input | null = null
  let lines = openLineSplitter(0)
  let missing = false

  const open = async (): Promise<Input | null> => {
    if (file === null) return openStandardInput()
    const [offset = null] = await context.offsets([partition])
    const start = positionOf(offset)
    try {
      const opened = await openFileInput(file, start, (size) =>
        context.log.warn(
          `File ${file} has ${size} bytes, fewer than the ${start} or more that were read: nothing is read until it is longer again`,
        ),
      )
      lines = openLineSplitter(start)
      return opened
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new ConnectError(
          'connect',
          `Error while trying to open file ${file}: ${(error as Error).message}`,
          {
            cause: error,
          },
        )
      if (!missing)
        context.log.warn(`Couldn't find file ${file} for FileStreamSourceTask, waiting for it to be created`)
      missing = true
      return null
    }
  }

  /** Complete lines that were read already, up to a batch. */
  const take = (records: SourceRecord[]): void => {
    const timestamp = Date.now()
    while (records.length < batchSize) {
      const line = lines.next()
      if (line === null) return
      records.push({
        topic,
        kafkaPartition: null,
        keySchema: null,
        key: null,
        valueSchema: STRING,
        value: line,
        timestamp,
        headers: NO_HEADERS,
        sourcePartition: partition,
        sourceOffset: file === null ? NOT_TRACKED : { position: lines.position },
      })
    }
  }

  return {
    async poll(signal) {
      input ??= await open()
      if (input === null) {
        await nextLook(signal)
        return null
      }
      const records: SourceRecord[] = []
      take(records)
      while (records.length < batchSize && !signal.aborted) {
        const bytes = await input.read()
        if (bytes === null) {
          if (records.length > 0) break
          await input.more(signal)
          continue
        }
        lines.feed(bytes)
        take(records)
      }
      return records.length > 0 ? records : null
    },
    async [Symbol.asyncDispose]() {
      await input?.[Symbol.asyncDispose]()
    },
  }
}

function positionOf(offset: SourceOffset | null): number {
  const position = offset?.['position'] ?? null
  if (position === null) return 0
  if (typeof position === 'number' && Number.isInteger(position)) return position
  throw new ConnectError('connect', 'Offset position is the incorrect type')
}
