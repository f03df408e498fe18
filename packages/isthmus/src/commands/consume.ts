import type { FetchedBatch } from '@isthmus/kafka'
import { ConnectError } from '@isthmus/sdk'
import { commandLine } from './command-line.ts'
import { CONNECTION, CONNECTION_HELP, EXIT_CODES, type Kafka, withKafka } from './kafka/connection.ts'
import { CONVERTERS, CONVERTERS_HELP, converterOptions, converterProps } from './kafka/converter-options.ts'
import { openFormats } from './kafka/data-format.ts'
import { noTopic } from './kafka/names.ts'
import { numberOption } from './kafka/number-option.ts'
import { print } from './kafka/output.ts'
import { openGroupReading, openReading, type Reading, type Start } from './kafka/reading.ts'
import { jsonLine, type RecordLine, textLine } from './kafka/record-line.ts'
import { harmless } from './kafka/text.ts'
import { topicOf } from './kafka/topic-argument.ts'

const USAGE = `Usage: isthmus consume TOPIC [options]

  Prints the records of a topic as they come: their values, text as it is and other bytes as 0x and hexadecimal
  digits. It ends with Ctrl-C, and stores nothing in Kafka unless --group is given.

Options:
  --from-beginning                what there is already, too; with --group: if the group has no offsets yet
  --partition N                   of this partition only
  --offset N                      from this offset on: a number, earliest, latest; --offset=-3: the last three
                                  of each partition
  --max-messages N                ends after so many
  --timeout-ms N                  ends when nothing has come for so long
  --group NAME                    as a member of this consumer group, whose offsets it commits
  --isolation-level LEVEL         read_committed unless given: of transactions what is committed; or read_uncommitted
  --details                       timestamp, partition, offset, headers and key before each value
  --property NAME=VALUE           as Kafka's console consumer: print.key, print.timestamp, print.partition,
                                  print.offset, print.headers, print.value, key.separator, headers.separator,
                                  line.separator, null.literal; may be repeated
  --json                          each record as one JSON object, which isthmus produce --json takes
${CONVERTERS_HELP}
${CONNECTION_HELP}

Examples:
  isthmus consume orders --from-beginning --max-messages 3
  isthmus consume orders --details --bootstrap-server kafka:9092
  isthmus consume orders --json --value-converter JsonConverter | jq .value

${EXIT_CODES}
`

const POLL_MS = 1_000

/** Prints the records of a topic of any broker. Resolves to the exit code. */
export async function consume(args: readonly string[]): Promise<number> {
  const { rest, props } = converterProps(args)
  const given = commandLine(rest, USAGE, {
    ...CONNECTION,
    ...CONVERTERS,
    topic: { type: 'string' },
    'from-beginning': { type: 'boolean', default: false },
    partition: { type: 'string' },
    offset: { type: 'string' },
    'max-messages': { type: 'string' },
    'timeout-ms': { type: 'string' },
    group: { type: 'string' },
    'isolation-level': { type: 'string', default: 'read_committed' },
    details: { type: 'boolean', default: false },
    property: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const { values, positionals } = given
  const topic = topicOf('consume', positionals, values.topic, USAGE)
  if (typeof topic === 'number') return topic
  return withKafka(values, async (kafka) => {
    const start = startOf(values)
    const partition = numberOption('partition', values.partition, 0)
    const limits = {
      records: numberOption('max-messages', values['max-messages'], 1) ?? Number.POSITIVE_INFINITY,
      idleMs: numberOption('timeout-ms', values['timeout-ms'], 0) ?? Number.POSITIVE_INFINITY,
    }
    const { group, 'isolation-level': isolation } = values
    if (group !== undefined && (partition !== null || values.offset !== undefined))
      throw new ConnectError('config', '--partition and --offset are for reading without --group.')
    await using formats = await openFormats(converterOptions(values, props), kafka.stop)
    const line = values.json ? jsonLine(formats) : textLine(formats, values.property, values.details)
    const all = await kafka.cluster.topics(kafka.stop)
    if (!all.some(({ name }) => name === topic)) throw await noTopic(kafka.cluster, topic)
    if (start.at === 'latest' && group === undefined && process.stderr.isTTY)
      process.stderr.write(
        `Waiting for new records of ${topic}; --from-beginning shows those that are there. Ctrl-C ends.\n`,
      )
    await using reading =
      group === undefined
        ? await openReading(kafka, topic, partition, start, isolation)
        : openGroupReading(kafka, topic, group, start, isolation)
    const shown = await show(kafka, reading, line, limits)
    if (process.stderr.isTTY) process.stderr.write(`Processed a total of ${shown} messages\n`)
    return 0
  })
}

function startOf(values: {
  readonly 'from-beginning': boolean
  readonly offset?: string | undefined
}): Start {
  const { offset } = values
  if (offset === undefined) return { at: values['from-beginning'] ? 'earliest' : 'latest' }
  if (offset === 'earliest' || offset === 'latest') return { at: offset }
  if (/^-?\d{1,15}$/.test(offset)) return { at: 'offset', offset: Number(offset) }
  throw new ConnectError('config', `--offset takes a number, earliest or latest, not '${offset}'.`)
}

interface Limits {
  readonly records: number
  readonly idleMs: number
}

/** Prints until a limit is reached or the command is to end. Resolves to the number of records that were printed. */
async function show({ stop }: Kafka, reading: Reading, line: RecordLine, limits: Limits): Promise<number> {
  const safe = process.stdout.isTTY ? harmless : (text: string) => text
  let count = 0
  let idleSince = Date.now()
  while (!stop.aborted && count < limits.records) {
    const idle = Date.now() - idleSince
    if (idle >= limits.idleMs) break
    const batches = await reading.poll(Math.min(POLL_MS, limits.idleMs - idle))
    for (const batch of batches) {
      if (count >= limits.records) break
      count += await showBatch(batch, reading, line, safe, limits.records - count, stop)
    }
    if (batches.length > 0) idleSince = Date.now()
  }
  return count
}

async function showBatch(
  batch: FetchedBatch,
  reading: Reading,
  line: RecordLine,
  safe: (text: string) => string,
  most: number,
  stop: AbortSignal,
): Promise<number> {
  const { topic, partition, nextOffset } = batch
  const records = batch.records.slice(0, most)
  let text = ''
  for (const record of records) {
    try {
      const made = line(batch, record)
      text += safe(typeof made === 'string' ? made : await made)
    } catch (cause) {
      await print(text, stop)
      throw new ConnectError('data', `${topic}-${partition}, offset ${record.offset}, cannot be read`, {
        cause,
      })
    }
  }
  await print(text, stop)
  const last = records.at(-1)
  reading.shown(
    topic,
    partition,
    records.length === batch.records.length || !last ? nextOffset : last.offset + 1,
  )
  return records.length
}
