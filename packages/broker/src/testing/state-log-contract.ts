import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TransactionOutcome } from '@isthmus/protocol'
import type { StateRecord } from '../coordinators/records.ts'
import type { StateEntry, StateLog } from '../coordinators/state-log.ts'

/** One log, over the lives of its broker. */
export interface StateLogTarget extends Disposable {
  /** The log as it is for a broker that starts now. */
  open(): StateLog
  /** Ends the transaction of a producer that has appended records with this id and epoch 0. */
  mark(producerId: number, outcome: TransactionOutcome): void
}

const record = (key: string, value: string | null): StateRecord => ({
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
})
const told = (state: StateLog): string[] =>
  Array.from(state.entries(), (entry) =>
    entry.type === 'record'
      ? `${entry.offset} ${entry.record.key}=${entry.record.value} of ${entry.producerId}`
      : `${entry.type} of ${entry.producerId}`,
  )

/** What coordinators build upon, whichever log holds their state. */
export function stateLogContract(openTarget: () => StateLogTarget): void {
  test('what was appended is there, in order, and for whoever opens the log again', () => {
    using target = openTarget()
    const state = target.open()
    assert.deepEqual(told(state), [])
    assert.equal(state.append([record('a', '1'), record('b', '2')]), 0)
    assert.equal(state.append([record('a', null)]), 2)
    const all = ['0 a=1 of -1', '1 b=2 of -1', '2 a=null of -1']
    assert.deepEqual(told(state), all)
    const later = target.open()
    assert.deepEqual(told(later), all)
    assert.equal(later.append([record('c', '3')]), 3)
  })

  test('records of transactions name their producer, and markers take an offset each', () => {
    using target = openTarget()
    const state = target.open()
    state.append([record('a', '1')], { producerId: 7, producerEpoch: 0 })
    state.append([record('b', '2')], { producerId: 8, producerEpoch: 0 })
    target.mark(7, 'commit')
    target.mark(8, 'abort')
    assert.equal(state.append([record('c', '3')]), 4)
    const all = ['0 a=1 of 7', '1 b=2 of 8', 'commit of 7', 'abort of 8', '4 c=3 of -1']
    assert.deepEqual(told(target.open()), all)
  })

  test('a record that cannot be understood is left out, and the others count', () => {
    using target = openTarget()
    const state = target.open()
    state.append([record('a', '1'), record('b', '2')])
    const understood: StateEntry[] = []
    for (const entry of state.entries())
      if (entry.type === 'record' && entry.offset === 0)
        state.notUnderstood(entry, new Error('of a newer version'))
      else understood.push(entry)
    assert.equal(understood.length, 1)
  })
}
