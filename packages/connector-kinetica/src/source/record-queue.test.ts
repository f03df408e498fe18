import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type SourceRecord, sourceRecord } from '@isthmus/sdk'
import { openRecordQueue } from './record-queue.ts'

const records = (...values: readonly number[]): readonly SourceRecord[] =>
  values.map((value) =>
    sourceRecord({ topic: 't', value, sourcePartition: { table: 't' }, sourceOffset: { record: value } }),
  )
const values = (taken: readonly SourceRecord[] | null) => taken?.map(({ value }) => value) ?? null
const patience = () => AbortSignal.timeout(10_000)

describe('the queue before the polls', () => {
  it('hands out records in their order, at most as many as wanted', async () => {
    const queue = openRecordQueue(10)
    await queue.put(records(1, 2, 3), patience())
    await queue.put(records(4), patience())
    assert.deepEqual(values(await queue.take(3, patience())), [1, 2, 3])
    assert.deepEqual(values(await queue.take(3, patience())), [4])
  })

  it('waits for the first, until it is told not to', async () => {
    const queue = openRecordQueue(10)
    const taken = queue.take(5, patience())
    await queue.put(records(1), patience())
    assert.deepEqual(values(await taken), [1])
    const abort = new AbortController()
    const waiting = queue.take(5, abort.signal)
    abort.abort()
    assert.equal(await waiting, null)
    assert.equal(await queue.take(5, abort.signal), null)
  })

  it('holds up who puts more than it has room for, and takes nothing of whom gives up', async () => {
    const queue = openRecordQueue(2)
    await queue.put(records(1, 2), patience())
    const order: string[] = []
    const put = queue.put(records(3), patience()).then(() => order.push('put'))
    const gaveUp = new AbortController()
    const given = queue.put(records(4), gaveUp.signal)
    gaveUp.abort()
    await given
    order.push('take')
    assert.deepEqual(values(await queue.take(1, patience())), [1])
    await put
    assert.deepEqual(order, ['take', 'put'])
    assert.deepEqual(values(await queue.take(5, patience())), [2, 3])
  })

  it('fails behind the records that it has, and goes on failing', async () => {
    const queue = openRecordQueue(10)
    const waiting = queue.take(5, patience())
    queue.fail(new Error('first'))
    await assert.rejects(waiting, /first/)
    await queue.put(records(1), patience())
    queue.fail(new Error('second'))
    assert.deepEqual(values(await queue.take(5, patience())), [1])
    await assert.rejects(queue.take(5, patience()), /first/)
    await assert.rejects(queue.take(5, patience()), /first/)
  })
})
