import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataError } from '@isthmus/sdk'
import { sinkRecord } from '@isthmus/testkit'
import { AvroReader } from '../database/avro-reader.ts'
import type { Column } from '../database/column.ts'
import { rowReader } from '../database/row.ts'
import { Batch } from './batch.ts'
import { planRow } from './row-plan.ts'

const columns: readonly Column[] = [
  { name: 'id', type: 'int', nullable: false, properties: [] },
  { name: 'text', type: 'string', nullable: true, properties: [] },
]
const plan = planRow(columns, null)
const readRow = rowReader(columns)

function rowsOf(batch: Batch) {
  const { count, bytes } = batch.rows()
  const reader = new AvroReader(bytes)
  const rows = Array.from({ length: count }, () => readRow(reader.bytes()))
  assert.ok(reader.done)
  return rows
}
const filled = (texts: readonly string[]) => {
  const batch = new Batch()
  for (const [id, text] of texts.entries()) batch.add(sinkRecord({ kafkaOffset: id }), plan, { id, text })
  return batch
}

test('rows of every size stand one behind the other, each with its record', () => {
  const texts = ['', 'a', 'x'.repeat(60), 'x'.repeat(61), 'x'.repeat(9000), 'y']
  const batch = filled(texts)
  assert.deepEqual(
    rowsOf(batch),
    texts.map((text, id) => ({ id, text })),
  )
  assert.deepEqual(
    batch.records.map(({ kafkaOffset }) => kafkaOffset),
    [0, 1, 2, 3, 4, 5],
  )
})

test('a record that does not fit leaves nothing behind, though a part of its row was written', () => {
  const batch = filled(['a'])
  assert.throws(() => batch.add(sinkRecord(), plan, { id: 1, text: Buffer.of(1) }), /field text is bytes/)
  const failing = {
    write() {
      throw dataError('no')
    },
  }
  assert.throws(() => batch.add(sinkRecord(), failing, {}), /no/)
  batch.add(sinkRecord(), plan, { id: 2, text: null })
  assert.deepEqual(rowsOf(batch), [
    { id: 0, text: 'a' },
    { id: 2, text: null },
  ])
})

test('rows are given up by their records, or by their places, and the others stay as they are', () => {
  const batch = filled(['a', 'bb'.repeat(100), 'c', 'd'])
  batch.retain((record) => record.kafkaOffset % 2 === 1)
  assert.deepEqual(
    rowsOf(batch).map(({ id }) => id),
    [1, 3],
  )
  batch.add(sinkRecord({ kafkaOffset: 9 }), plan, { id: 9, text: 'e' })
  batch.retain((_record, index) => index > 0)
  assert.deepEqual(rowsOf(batch), [
    { id: 3, text: 'd' },
    { id: 9, text: 'e' },
  ])
  batch.clear()
  assert.deepEqual([rowsOf(batch), batch.records, batch.bytes], [[], [], 0])
})
