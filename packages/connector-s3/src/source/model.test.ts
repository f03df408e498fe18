import assert from 'node:assert/strict'
import { it } from 'node:test'
import { retriable, type SourceRecord } from '@isthmus/sdk'
import { sourceContext } from '@isthmus/testkit'
import fc from 'fast-check'
import type { RecordToEncode } from '../testing/encode.ts'
import { openMemoryStore } from '../testing/memory-store.ts'
import { backUp, openTestLog, openTestRestore, pollAll } from '../testing/restore-rig.ts'

const bytes = fc.option(fc.uint8Array({ maxLength: 30 }), { freq: 4 })

/** A partition: its records, with the gaps between their offsets, and where its objects begin and end among them. */
const partition = fc.record({
  records: fc.array(
    fc.record({
      gap: fc.nat({ max: 2 }),
      key: bytes,
      value: bytes,
      headers: fc.array(fc.tuple(fc.string({ maxLength: 3 }), bytes), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 25 },
  ),
  /** The lengths of objects, and by how many records the next one goes back: as after a crash. */
  objects: fc.array(fc.record({ length: fc.integer({ min: 1, max: 8 }), back: fc.nat({ max: 5 }) }), {
    minLength: 1,
    maxLength: 8,
  }),
})
const run = fc.record({
  partitions: fc.array(partition, { minLength: 1, maxLength: 3 }),
  /** After how many records each run of the task ends; the last one goes on to the end. */
  stops: fc.array(fc.nat({ max: 20 }), { maxLength: 4 }),
  chunkSize: fc.integer({ min: 1, max: 200 }),
  pageSize: fc.integer({ min: 1, max: 4 }),
  cut: fc.oneof({ weight: 19, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 300 }) }),
  strangers: fc.boolean(),
})

function recordsOf({ records }: { readonly records: readonly { readonly gap: number }[] }): RecordToEncode[] {
  let offset = -1
  return records.map(({ gap, ...record }) => {
    offset += gap + 1
    return { offset, ...record }
  })
}

/** Objects that hold all records, one behind the other, each of them going back behind the end of the one before. */
function objectsOf(
  records: readonly RecordToEncode[],
  cuts: readonly { readonly length: number; readonly back: number }[],
): (readonly RecordToEncode[])[] {
  const objects: (readonly RecordToEncode[])[] = []
  let from = 0
  let covered = 0
  for (const { length, back } of cuts) {
    const object = records.slice(from, from + length)
    if (object.length === 0) break
    objects.push(object)
    covered = Math.max(covered, from + length)
    from = Math.max(0, covered - back)
  }
  if (covered < records.length) objects.push(records.slice(covered))
  return objects
}

const contentOf = ({ key, value, headers, sourceOffset }: SourceRecord) => ({
  offset: sourceOffset['lastReadOffset'],
  key: hex(key),
  value: hex(value),
  headers: headers.map((header) => [header.key, hex(header.value)]),
})
const hex = (value: unknown) =>
  value === null || value === undefined ? null : Buffer.from(value as Uint8Array).toString('hex')

it('whatever the objects, and wherever the task is stopped, each record comes once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(run, async ({ partitions, stops, chunkSize, pageSize, cut, strangers }) => {
      const store = openMemoryStore({ chunkSize, pageSize })
      const records = partitions.map(recordsOf)
      for (const [index, { objects }] of partitions.entries())
        for (const object of objectsOf(records[index] ?? [], objects)) backUp(store, 't', index, object)
      if (strangers) {
        store.objects.set('t/0/', new Uint8Array())
        store.objects.set('t/0/offset/consumers_offset', Buffer.from('{}'))
        store.objects.set('t/0/0000000000000000000--000000000000000001', Buffer.alloc(4))
      }
      const given: SourceRecord[] = []
      for (const most of [...stops, null]) {
        const log = openTestLog()
        const stored = given.map(
          ({ sourcePartition, sourceOffset }) => [sourcePartition, sourceOffset] as const,
        )
        await using task = await openTestRestore(
          {
            'worker.tasks': partitions.map((_, index) => `t/${index}`).join(','),
            'header.converter': 'ByteArrayConverter',
          },
          sourceContext({ stored, log: log.log }),
          store,
        )
        const until = log.when(/^info Restored everything/)
        if (most === null && cut !== null) store.cut(cut, retriable('lost'))
        const batch = await pollAll(task, { until, ...(most !== null && { most }) })
        // what a task has given and Kafka has not taken comes again: the records of a batch are acknowledged in order
        given.push(...batch.slice(0, most ?? batch.length))
      }
      for (const [index, expected] of records.entries())
        assert.deepEqual(
          given.filter(({ kafkaPartition }) => kafkaPartition === index).map(contentOf),
          expected.map(({ offset, key, value, headers = [] }) => ({
            offset,
            key: hex(key),
            value: hex(value),
            headers: headers.map(([name, text]) => [name, hex(text)]),
          })),
        )
    }),
    { numRuns: 150 },
  )
})
