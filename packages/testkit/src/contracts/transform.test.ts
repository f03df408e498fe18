import { after } from 'node:test'
import {
  type ConnectRecord,
  dataError,
  type Predicate,
  type PredicatePlugin,
  sourceRecord,
  type Transform,
  type TransformPlugin,
} from '@isthmus/sdk'
import { type Contract, predicateContract, sinkRecord, transformContract } from '../index.ts'
import { closeLeaks, FAULT_PATIENCE_MS, finds, leak, onlyOnce } from '../testing/planted.ts'

after(closeLeaks)

const RECORDS: readonly ConnectRecord[] = [
  sinkRecord({ value: { name: 'anna' }, kafkaOffset: 3 }),
  sourceRecord({ topic: 't', value: { name: 'otto' }, sourcePartition: { p: 1 }, sourceOffset: { o: 1 } }),
]

/** Names in capitals; a record without a value passes, and one without a name is bad. */
const sound: Transform = {
  apply(record) {
    if (record.value === null) return record
    return { ...record, value: { ...(record.value as object), name: nameIn(record).toUpperCase() } }
  },
}
function nameIn({ value }: ConnectRecord): string {
  const name = (value as { readonly name?: unknown } | null)?.name
  if (typeof name !== 'string') throw dataError('no name')
  return name
}

function played(change: () => Partial<Transform>, patienceMs = FAULT_PATIENCE_MS): Contract {
  const plugin: TransformPlugin = {
    type: 'transformation',
    class: 'test.Capitals',
    version: null,
    config: {},
    open: () => ({ ...sound, ...change() }),
  }
  return transformContract({ plugin, records: RECORDS, refused: [sinkRecord({ value: {} })], patienceMs })
}
/** Applies something that types would not allow. */
const applying = (apply: (record: ConnectRecord) => unknown) => () => ({ apply: apply as Transform['apply'] })

let count = 0

finds(
  'the contract of transforms',
  played(() => ({}), 10_000),
  {
    'the record it is given stays as it is': played(
      applying((record) => Object.assign(record.value as object, { name: 'X' }) && record),
    ),
    'the answer is a record, or null to drop it': played(applying(() => undefined)),
    'where a record comes from is kept, so that its offsets are': played(
      applying((record) => ({ ...record, kafkaOffset: 0, sourceOffset: {} })),
    ),
    'the same record gives the same answer again': played(
      applying((record) => ({ ...record, value: count++ })),
    ),
    'tombstones, and records without a key, are taken, dropped or bad data': played(
      applying((record) => ({ ...record, value: (record.value as { name: string }).name })),
    ),
    'a record that it cannot change is bad data, so that errors.tolerance applies': played(
      applying((record) => ({ ...record, value: (record.value as { name: string }).name.trim() })),
    ),
    'disposing twice is as good as once, also when its task has been cancelled': played(() => ({
      [Symbol.asyncDispose]: onlyOnce(),
    })),
    'what has been disposed of leaves nothing behind': played(() => {
      leak()
      return {}
    }),
  },
)

function asked(change: () => Partial<Predicate>, patienceMs = FAULT_PATIENCE_MS): Contract {
  const plugin: PredicatePlugin = {
    type: 'predicate',
    class: 'test.IsAnna',
    version: null,
    config: {},
    open: () => ({ test: (record) => record.value !== null && nameIn(record) === 'anna', ...change() }),
  }
  return predicateContract({ plugin, holds: RECORDS.slice(0, 1), fails: RECORDS.slice(1), patienceMs })
}

finds(
  'the contract of predicates',
  asked(() => ({}), 10_000),
  {
    'the answer is true or false, the right one, each time it is asked': asked(() => ({
      test: (record) => Promise.resolve(nameIn(record) === 'anna') as unknown as boolean,
    })),
    'the record it is asked about stays as it is': asked(() => ({
      test: (record) => Object.assign(record.value as object, { name: 'X' }).name === 'X',
    })),
    'of tombstones, and records without a key, it holds or not, or they are bad data': asked(() => ({
      test: (record) => (record.value as { name: string }).name === 'anna',
    })),
    'disposing twice is as good as once, also when its task has been cancelled': asked(() => ({
      [Symbol.asyncDispose]: onlyOnce(),
    })),
    'what has been disposed of leaves nothing behind': asked(() => {
      leak()
      return {}
    }),
  },
)
