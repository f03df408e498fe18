import assert from 'node:assert/strict'
import type { TopicPartition } from '@isthmus/kafka'
import type { Contents } from './contents.ts'
import { TOPICS } from './records.ts'

/** What was seen when the worker of a restore was killed, before another one was started. */
export interface Kill {
  /** Where a restored partition ended. */
  endOf(partition: TopicPartition): number
  /** The offset in the backup of the last record of a partition that the restore had stored as done; -1: none. */
  storedOf(partition: TopicPartition): number
}

export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`

/**
 * Holds a restored partition to the original one. Each record that the original has is there, and the first arrivals are in order. A
 * record is there again only behind where the partition ended at a kill, and once for each kill: from the last record whose offset was
 * stored then, or from one behind it. Answers with the number of records that are there again.
 *
 * The original was read when the backup was complete; a compacted topic may have had more records before, and those may be there too.
 */
export function judgeRestored(original: Contents, restored: Contents, kills: readonly Kill[]): number {
  const at = (index: number): string => `${nameOf(original)} at offset ${restored.offsets[index]}`
  const offsetOf = offsetsIn(original)
  let due = 0
  let last = -1
  let explained = 0
  let again = 0
  for (const [index, number] of restored.numbers.entries()) {
    if (number <= last) {
      explained = explainedBy(kills, explained, restored, index)
      const stored = kills[explained - 1]?.storedOf(original) ?? -1
      const begins = offsetOf(number)
      assert.ok(
        begins >= stored,
        `${at(index)} the records from ${begins} on are there again, where ${stored} was stored`,
      )
    }
    last = number
    const expected = original.numbers[due] ?? Number.POSITIVE_INFINITY
    assert.ok(number <= expected, `${at(index)} is number ${number}, where ${expected} was due`)
    if (number === expected) due++
    else if (isPast(original, due, number)) again++
  }
  assert.equal(due, original.numbers.length, `${nameOf(original)} ends too early`)
  return again
}

/** The first kill, of those not used up, behind which the records from here on came; as the number of those used up then. */
function explainedBy(kills: readonly Kill[], used: number, restored: Contents, index: number): number {
  const offset = restored.offsets[index] ?? -1
  const found = kills.findLastIndex((kill) => kill.endOf(restored) <= offset)
  assert.ok(found >= used, `${nameOf(restored)} at offset ${offset}: records are there again without a kill`)
  return found + 1
}

const isPast = ({ numbers }: Contents, due: number, number: number): boolean =>
  (numbers[due - 1] ?? -1) >= number

/** How many times offsets of a partition are left out between two of its records. */
export const gapsIn = ({ offsets }: Contents): number =>
  offsets.filter((offset, index) => offset !== (offsets[index - 1] ?? -1) + 1).length

/** The offset of a number in the original partition; of a record that compaction has taken out of it since, the one that it had. */
function offsetsIn({ topic, numbers, offsets }: Contents): (number: number) => number {
  const known = new Map(numbers.map((number, index) => [number, offsets[index] ?? -1]))
  return (number) => known.get(number) ?? Math.floor(number / TOPICS[topic].partitions)
}

/**
 * Holds what a consumer group has committed to what it had in the original partition: the next record is the same, or where there is none
 * any more, the first one behind it.
 */
export function judgeCommitted(original: Contents, was: number, restored: Contents, is: number): void {
  const offsetOf = offsetsIn(original)
  const place = `${nameOf(original)}: the group had committed ${was}, and has ${is} now`
  const wanted = restored.numbers.find((number) => offsetOf(number) >= was)
  if (wanted === undefined) assert.equal(is, (restored.offsets.at(-1) ?? -1) + 1, place)
  else assert.equal(restored.numbers[restored.offsets.indexOf(is)], wanted, place)
}
