import { openProducer, type Producer, type TopicInfo } from '@isthmus/kafka'
import { commandLine } from './command-line.ts'
import { explain } from './explain.ts'
import { CONNECTION, CONNECTION_HELP, EXIT_CODES, type Kafka, withKafka } from './kafka/connection.ts'
import { CONVERTERS, CONVERTERS_HELP, converterOptions, converterProps } from './kafka/converter-options.ts'
import { openFormats } from './kafka/data-format.ts'
import { openFailedLines } from './kafka/failed-lines.ts'
import { inputLines } from './kafka/input-lines.ts'
import { type InputRecord, jsonReader, type LineReader, textReader } from './kafka/input-record.ts'
import { noTopic } from './kafka/names.ts'
import { topicOf } from './kafka/topic-argument.ts'

const USAGE = `Usage: isthmus produce TOPIC [options]

  Writes each line of standard input as a record, acknowledged by all replicas. A line that cannot be written is
  reported with its number, and the others are written.

Options:
  --property NAME=VALUE           as Kafka's console producer: parse.key, key.separator (a tab unless given),
                                  parse.headers, headers.delimiter, headers.separator, headers.key.separator,
                                  null.marker; may be repeated
  --json                          lines as isthmus consume --json prints them; "value" is enough
${CONVERTERS_HELP}
                                  a line is then JSON, or text where it is none
${CONNECTION_HELP}

Examples:
  echo 'hello' | isthmus produce orders
  echo 'key:value' | isthmus produce orders --property parse.key=true --property key.separator=:
  isthmus consume orders --json --from-beginning --timeout-ms 1000 | isthmus produce copy --json

${EXIT_CODES}
1 stands for lines that were not written, too.
`

/** Writes lines into a topic of any broker. Resolves to the exit code. */
export async function produce(args: readonly string[]): Promise<number> {
  const { rest, props } = converterProps(args)
  const given = commandLine(rest, USAGE, {
    ...CONNECTION,
    ...CONVERTERS,
    topic: { type: 'string' },
    property: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const { values, positionals } = given
  const topic = topicOf('produce', positionals, values.topic, USAGE)
  if (typeof topic === 'number') return topic
  return withKafka(values, async (kafka) => {
    await using formats = await openFormats(converterOptions(values, props), kafka.stop)
    const reader = values.json ? jsonReader(topic, formats) : textReader(topic, formats, values.property)
    const known = await kafka.cluster.topics(kafka.stop)
    const info = known.find(({ name }) => name === topic)
    if (info === undefined)
      throw await noTopic(kafka.cluster, topic, `isthmus topics create ${topic} creates it.`)
    if (process.stdin.isTTY && process.stderr.isTTY)
      process.stderr.write(`Each line is a record of ${topic}; Ctrl-D ends.\n`)
    return write(kafka, info, reader)
  })
}

async function write({ cluster, props, stop }: Kafka, topic: TopicInfo, reader: LineReader): Promise<number> {
  const failed = openFailedLines((text) => void process.stderr.write(text))
  await using producer = openProducer<number>(
    cluster,
    { 'linger.ms': '5', ...props, acks: 'all' },
    {
      acknowledged({ error, tokens }) {
        if (error !== null) for (const number of tokens) failed.add(number, error.message)
      },
    },
  )
  let number = 0
  for await (const lines of inputLines(process.stdin, stop)) {
    for (const line of lines) {
      number++
      try {
        const read = reader(line)
        const full = enqueue(producer, topic, read instanceof Promise ? await read : read, number)
        if (full !== undefined) await full
      } catch (error) {
        failed.add(number, explain(error))
      }
    }
  }
  await producer.flush()
  failed.end()
  return failed.count === 0 ? 0 : 1
}

/** Gives a promise only where the producer has no room at the moment. */
function enqueue(
  producer: Producer<number>,
  topic: TopicInfo,
  record: InputRecord,
  number: number,
): Promise<void> | undefined {
  const { partition, timestamp, key, value, headers } = record
  if (partition !== null && partition >= topic.partitions.length)
    throw new RangeError(`${topic.name} has no partition ${partition}`)
  const full = producer.enqueue(topic.name, partition, timestamp, key, value, headers, number)
  return full?.then(() => enqueue(producer, topic, record, number))
}
