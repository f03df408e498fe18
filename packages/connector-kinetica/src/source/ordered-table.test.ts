import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sourceContext } from '@isthmus/sdk/testing'
import { AvroWriter } from '../database/avro-writer.ts'
import type { Database } from '../database/database.ts'
import { failure } from '../database/failure.ts'
import { readInOrder } from './ordered-table.ts'
import { openTies } from './position.ts'
import { openRecordQueue } from './record-queue.ts'
import { TIMINGS } from './timings.ts'

const typeSchema = JSON.stringify({
  type: 'record',
  name: 'type_name',
  fields: [
    { name: 'state', type: 'int' },
    { name: 'id', type: 'int' },
  ],
})
const answers: { readonly [endpoint: string]: object } = {
  '/show/table': { table_descriptions: [[]], type_schemas: [typeSchema], properties: [{}] },
}

/** A database without monitors that gives at most `most` rows at once, of a table whose rows are all alike in `state`. */
const databaseOf = (rows: number, most: number): Database => ({
  url: new URL('http://localhost:9191'),
  async call(endpoint, request) {
    if (endpoint !== '/get/records') {
      const answer = answers[endpoint]
      if (answer === undefined) throw failure('refused', `${endpoint} is not supported`)
      return answer as never
    }
    const { limit } = request as { limit: number }
    const given = Math.min(rows, most, limit)
    const records_binary = Array.from({ length: given }, (_, id) => {
      const writer = new AvroWriter()
      writer.int(7)
      writer.int(id)
      return Buffer.from(writer.view())
    })
    return { type_schema: typeSchema, records_binary, has_more_records: given < rows } as never
  },
  async [Symbol.asyncDispose]() {},
})

it('a table is given up when more rows share a value than the database gives at once', async () => {
  const queue = openRecordQueue(1000)
  const reading = readInOrder(
    {
      table: { name: 'orders', version: 1, orderColumn: 'state' },
      topic: 'orders',
      database: databaseOf(300, 250),
      queue,
      log: sourceContext().log,
      timings: TIMINGS,
      signal: AbortSignal.timeout(10_000),
      tried() {},
    },
    'state',
    openTies('orders', 'state', null),
  )
  await assert.rejects(reading, {
    code: 'connect',
    message: /^Could not read table orders: The 250 rows .* have the value 7 in state/,
  })
  assert.equal((await queue.take(1000, AbortSignal.timeout(1000)))?.length, 250)
})
