import { type PartitionOffset, type SinkRecord, schema, type TopicPartition } from '@isthmus/sdk'
import type { SinkContext } from '../contexts.ts'
import { nextOffsets } from '../run.ts'

export const partitionsOf = (records: readonly SinkRecord[]): readonly TopicPartition[] =>
  nextOffsets(records).map(({ topic, partition }) => ({ topic, partition }))

/** The records that need not be put again when these offsets are committed. */
export const coveredBy = (
  committed: readonly PartitionOffset[],
  records: readonly SinkRecord[],
): readonly SinkRecord[] =>
  records.filter(({ originalTopic, originalKafkaPartition, originalKafkaOffset }) =>
    committed.some(
      ({ topic, partition, offset }) =>
        topic === originalTopic && partition === originalKafkaPartition && offset > originalKafkaOffset,
    ),
  )

/** Those that a worker gives a task which has asked to go on elsewhere. */
export const behindSought = (
  { sought }: Pick<SinkContext, 'sought'>,
  records: readonly SinkRecord[],
): readonly SinkRecord[] =>
  records.filter(({ originalTopic, originalKafkaPartition, originalKafkaOffset }) => {
    const last = sought.findLast(
      ({ topic, partition }) => topic === originalTopic && partition === originalKafkaPartition,
    )
    return last === undefined || originalKafkaOffset >= last.offset
  })

const at = (record: SinkRecord, topic: string, partition: number, offset: number): SinkRecord => ({
  ...record,
  topic,
  kafkaPartition: partition,
  kafkaOffset: offset,
  originalTopic: topic,
  originalKafkaPartition: partition,
  originalKafkaOffset: offset,
})

/** All in one partition, the bad ones behind the first of the good ones. */
export function among(good: readonly SinkRecord[], bad: readonly SinkRecord[]): readonly SinkRecord[] {
  const [first, ...rest] = good as readonly [SinkRecord, ...SinkRecord[]]
  const { topic, kafkaPartition } = first
  return [first, ...bad, ...rest].map((record, index) => at(record, topic, kafkaPartition, index))
}

const HUGE = 1 << 20

/** What topics hold besides what is expected there, behind these records. */
export function hostile(
  records: readonly SinkRecord[],
): readonly (readonly [what: string, record: SinkRecord])[] {
  const last = records.at(-1) as SinkRecord
  let offset = last.kafkaOffset
  const like = (fields: Partial<SinkRecord>): SinkRecord =>
    at({ ...last, ...fields }, last.topic, last.kafkaPartition, ++offset)
  const header = { key: 'twice', schema: null, value: null }
  return [
    ['no value', like({ value: null, valueSchema: null })],
    ['no key and no value', like({ key: null, keySchema: null, value: null, valueSchema: null })],
    [
      'another struct than the others',
      like({
        value: { testkit: 1 },
        valueSchema: schema.struct({ testkit: schema.int32() }, { name: 'Other' }),
      }),
    ],
    ['a text with a schema', like({ value: 'text', valueSchema: schema.string() })],
    ['a list without a schema', like({ value: [1, null, 'x'], valueSchema: null })],
    ['a megabyte of text', like({ value: 'x'.repeat(HUGE), valueSchema: null })],
    ['headers of one name without values', like({ headers: [header, header] })],
  ]
}
