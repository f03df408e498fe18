import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sourceContext } from '@isthmus/testkit'
import { AvroWriter } from '../database/avro-writer.ts'
import type { Database } from '../database/database.ts'
import { failure } from '../database/failure.ts'
import { limitsOf } from './limits.ts'
import { readInOrder } from './ordered-table.ts'
import { openTies } from './position.ts'
import { openRecordQueue, type RecordQueue } from './record-queue.ts'
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

/** Reads a table of which rows are alike in `state` until it fails; the signal ends it. */
const readOrders = (database: Database, orderColumn: string, queue: RecordQueue, signal: AbortSignal) =>
  readInOrder(
    {
      table: { name: 'orders', version: 1, orderColumn },
      topic: 'orders',
      database,
      queue,
      log: sourceContext().log,
      timings: TIMINGS,
      limits: limitsOf(1),
      signal,
      tried() {},
    },
    orderColumn,
    openTies('orders', orderColumn, null),
  )

it('a page that is too large is read in smaller ones, and one row that is too large is told of', async () => {
  const small = databaseOf(40, 1000)
  const limits: number[] = []
  const picky = (most: number): Database => ({
    ...small,
    call(endpoint, request) {
      const { limit = 0 } = request as { limit?: number }
      if (limit > 0) limits.push(limit)
      if (limit > most) throw failure('too-large', `${endpoint} answers with more than is taken`)
      return small.call(endpoint, request)
    },
  })
  const queue = openRecordQueue(1000)
  const enough = new AbortController()
  const reading = readOrders(picky(40), 'state', queue, enough.signal)
  assert.equal((await queue.take(1000, AbortSignal.timeout(10_000)))?.length, 13)
  enough.abort()
  await reading
  assert.deepEqual(limits.slice(0, 2), [100, 13])
  limits.length = 0
  await assert.rejects(readOrders(picky(0), 'state', openRecordQueue(1), AbortSignal.timeout(10_000)), {
    message: /^Could not read table orders: .get.records answers with more/,
  })
  assert.deepEqual(limits, [100, 13, 2, 1])
})

it('a table is given up when more rows share a value than the database gives at once', async () => {
  const queue = openRecordQueue(1000)
  const reading = readOrders(databaseOf(300, 250), 'state', queue, AbortSignal.timeout(10_000))
  await assert.rejects(reading, {
    code: 'connect',
    message: /^Could not read table orders: The 250 rows .* have the value 7 in state/,
  })
  assert.equal((await queue.take(1000, AbortSignal.timeout(1000)))?.length, 250)
})
