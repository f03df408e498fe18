import { recordText, type SourceRecord } from '@isthmus/sdk'
import type { Logger } from '../log.ts'
import type { Consumed } from './dead-letter.ts'
import type { Reporter } from './tolerance.ts'

/** The error log (`errors.log.enable`), in the words of Java's LogReporter. */
export function errorLog<O>(
  log: Logger,
  task: string,
  describe: ((origin: O) => string) | null,
): Reporter<O> {
  return ({ stage, executing, error, origin }) => {
    const record = describe === null ? '' : `, where ${describe(origin)}`
    log.error(
      `Error encountered in task ${task}. Executing stage '${stage}' with class '${executing}'${record}.`,
      error,
    )
  }
}

export const describeConsumed = ({ topic, partition, record }: Consumed): string =>
  `consumed record is {topic='${topic}', partition=${partition}, offset=${record.offset}, timestamp=${record.timestamp}, timestampType=CreateTime}`

export const describeSource = (record: SourceRecord): string => `source record is = ${recordText(record)}`
