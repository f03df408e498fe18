import type { CommittedOffset, PartitionOffset } from '@isthmus/kafka'
import type { ConnectorOffset } from '@isthmus/rest-api'
import { ConnectError, type SourceOffset, type SourcePartition, type Value } from '@isthmus/sdk'
import { javaText } from '@isthmus/sdk/java'
import type { OffsetStore, PartitionAndOffset } from '../store/stores.ts'

/** The brokers' side of it, by connector name. */
export interface GroupOffsets {
  read(): Promise<readonly PartitionOffset[]>
  alter(offsets: readonly CommittedOffset[]): Promise<void>
  /** Forgets the group. */
  delete(): Promise<void>
}

type Verb = 'altered' | 'reset'
const told = (verb: Verb): string => `The offsets for this connector have been ${verb} successfully`
const notTold = (verb: Verb): string =>
  `The Connect framework-managed offsets for this connector have been ${verb} successfully. However, if this connector manages offsets externally, they will need to be manually ${verb} in the system that the connector uses.`
export const messageOfChange = (connectorKnows: boolean, verb: Verb): string =>
  connectorKnows ? told(verb) : notTold(verb)

/** As Java prints what JSON holds. */
const textOf = (value: unknown): string => javaText(value as Value)
const bad = (message: string) => new ConnectError('bad-request', message)
const wholeOf = (text: string, longest: bigint): bigint | null => {
  if (text.length > MOST_DIGITS || !/^[+-]?\d+$/.test(text)) return null
  const whole = BigInt(text)
  return whole > longest || whole < -longest - 1n ? null : whole
}
/** To read more would take its time; leading zeros count too. */
const MOST_DIGITS = 1000
const INT_MAX = 0x7fff_ffffn
const LONG_MAX = 0x7fff_ffff_ffff_ffffn
/** Kafka's clients here count in numbers; no partition has as many records. */
const OFFSET_MAX = BigInt(Number.MAX_SAFE_INTEGER)

/** What a request says about a sink, checked in Java's order and words. */
export function groupOffsetsOf(changes: readonly ConnectorOffset[]): readonly CommittedOffset[] {
  return changes.map(({ partition, offset }) => {
    if (partition === null) throw bad('The partition for a sink connector offset cannot be null or missing')
    if (!Object.hasOwn(partition, 'kafka_topic') || !Object.hasOwn(partition, 'kafka_partition'))
      throw bad(
        "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
      )
    const topic = partition['kafka_topic']
    if (topic === null) throw bad('Kafka topic names must be valid strings and may not be null')
    if (partition['kafka_partition'] === null)
      throw bad('Kafka partitions must be valid numbers and may not be null')
    const number = textOf(partition['kafka_partition'])
    const whole = wholeOf(number, INT_MAX)
    if (whole === null)
      throw bad(
        `Failed to parse the following Kafka partition value in the provided offsets: '${number}'. Partition values for sink connectors need to be integers.`,
      )
    if (whole < 0n) throw bad(`Kafka partitions may not be negative: ${whole}`)
    return { topic: textOf(topic), partition: Number(whole), offset: offsetIn(offset) }
  })
}

function offsetIn(offset: ConnectorOffset['offset']): number | null {
  if (offset === null) return null
  const value = offset['kafka_offset']
  if (value === undefined)
    throw bad("The offset for a sink connector should either be null or contain the key 'kafka_offset'")
  const text = textOf(value)
  const whole = wholeOf(text, LONG_MAX)
  if (whole === null)
    throw bad(
      `Failed to parse the following Kafka offset value in the provided offsets: '${text}'. Offset values for sink connectors need to be integers.`,
    )
  if (whole < 0n) throw bad(`Kafka offsets may not be negative: ${whole}`)
  if (whole > OFFSET_MAX) throw bad(`Kafka offsets may not be larger than ${OFFSET_MAX}: ${whole}`)
  return Number(whole)
}

/** A group that still has members refuses changes of its offsets by others. */
export function refusedByGroup(error: unknown, connector: string, verb: 'alter' | 'reset'): ConnectError {
  const kafka = (error as { kafka?: unknown }).kafka
  const active = ['UNKNOWN_MEMBER_ID', 'GROUP_SUBSCRIBED_TO_TOPIC', 'NON_EMPTY_GROUP'].includes(String(kafka))
  const what = `Failed to ${verb} consumer group offsets for `
  return new ConnectError(
    'connect',
    active
      ? `${what}connector ${connector} either because its tasks haven't stopped completely yet or the connector was resumed before the request to ${verb} its offsets could be successfully completed. If the connector is in a stopped state, this operation can be safely retried. If it doesn't eventually succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks.`
      : `${what}${verb === 'alter' ? '' : 'sink '}connector ${connector}`,
    { cause: error },
  )
}

/** Source partitions that have an offset, each to be forgotten. */
export async function allForgotten(
  offsets: Pick<OffsetStore, 'all' | 'write'>,
  connector: string,
): Promise<readonly PartitionAndOffset[]> {
  // what an earlier write has failed with is not shown, and would come back after the reset
  await offsets.write(connector, [])
  return (await offsets.all(connector)).map(([partition]) => [partition, null] as const)
}

export const sourceChangesOf = (
  changes: readonly ConnectorOffset[],
): readonly (readonly [SourcePartition | null, SourceOffset | null])[] =>
  changes.map(({ partition, offset }) => [partition as SourcePartition | null, offset as SourceOffset | null])
