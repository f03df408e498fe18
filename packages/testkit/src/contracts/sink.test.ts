import { after } from 'node:test'
import {
  dataError,
  retriable,
  type SinkConnector,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  sinkConnector,
} from '@isthmus/sdk'
import { type Contract, sinkContract, sinkRecord, sinkRecords } from '../index.ts'
import { closeLeaks, FAULT_PATIENCE_MS, finds, leak, onlyOnce } from '../testing/planted.ts'

after(closeLeaks)

/** A target that holds texts by where they come from. */
interface Shelf {
  readonly props: { readonly topics: string }
  readonly rows: Map<string, unknown>
  isAway: boolean
}
const openShelf = (): Shelf => ({ props: { topics: 'texts' }, rows: new Map(), isAway: false })
const outage = (shelf: Shelf): AsyncDisposable => {
  shelf.isAway = true
  return {
    async [Symbol.asyncDispose]() {
      shelf.isAway = false
    },
  }
}
const RECORDS = sinkRecords('texts', [
  { value: 'a' },
  { value: 'b', kafkaPartition: 1 },
  { value: 'c' },
  { value: 'd', kafkaPartition: 1 },
])
const BAD = [7, 8].map((value) => sinkRecord({ value }))

const nameOf = (one: SinkRecord) =>
  `${one.originalTopic}-${one.originalKafkaPartition}@${one.originalKafkaOffset}`
const isBad = ({ value }: SinkRecord) => typeof value === 'number'

interface Writer {
  readonly shelf: Shelf
  waiting: SinkRecord[]
  readonly sound: SinkTask
}
type Change = (writer: Writer, context: SinkTaskContext) => Partial<SinkTask>

function openWriter(shelf: Shelf, context: SinkTaskContext, change: Change): SinkTask {
  const sound: SinkTask = {
    async put(records) {
      for (const record of records)
        if (!isBad(record)) writer.waiting.push(record)
        else if (context.errantRecords) await context.errantRecords(record, dataError('no text'))
        else throw dataError('no text')
    },
    flush() {
      if (shelf.isAway) throw retriable('the shelf is away')
      for (const record of writer.waiting) shelf.rows.set(nameOf(record), record.value)
      writer.waiting = []
    },
    close() {
      writer.waiting = []
    },
    async [Symbol.asyncDispose]() {},
  }
  const writer: Writer = { shelf, waiting: [], sound }
  return { ...sound, ...change(writer, context) }
}

function played(
  change: Change,
  changeConnector: (sound: SinkConnector) => Partial<SinkConnector> = () => ({}),
  patienceMs = FAULT_PATIENCE_MS,
): Contract {
  let shelf = openShelf()
  const plugin = sinkConnector({
    class: 'test.Texts',
    version: null,
    config: {},
    connector({ raw }) {
      const sound = { taskConfigs: () => [raw] }
      return { ...sound, ...changeConnector(sound) }
    },
    task: (_, context) => openWriter(shelf, context, change),
  })
  return sinkContract({
    plugin,
    target() {
      shelf = openShelf()
      return shelf
    },
    written: ({ rows }) => rows.size,
    records: RECORDS,
    holdsOnce: true,
    refused: BAD,
    outage,
    patienceMs,
  })
}

const same = () => ({})

finds('the contract of sinks', played(same, undefined, 10_000), {
  'a connector has at most as many configs as there may be tasks, all of texts, and the same when asked again':
    played(same, () => ({ taskConfigs: () => [{ number: 1 as unknown as string }] })),
  'a connector takes a second disposal as it takes the first': played(same, () => ({
    [Symbol.asyncDispose]: onlyOnce(),
  })),
  'what is committed is in the target, and in the end that is all': played(() => ({ flush() {} })),
  'an empty batch and a commit without records are fine': played(({ sound }) => ({
    put(records) {
      if (records[0]?.topic.length === undefined) throw new Error('there is no first record')
      return sound.put(records)
    },
  })),
  'the records that it is given stay as they are': played(({ sound }) => ({
    put(records) {
      for (const record of records) (record as { value: unknown }).value = String(record.value)
      return sound.put(records)
    },
  })),
  'partitions that are given up come back, and what was not committed with them': played(({ sound }) => {
    let isClosed = false
    return {
      close() {
        isClosed = true
      },
      put: (records) => (isClosed ? undefined : sound.put(records)),
    }
  }),
  'records that a task had when it was killed are put again, and none is lost': played((writer) => ({
    put(records) {
      for (const record of records)
        writer.shelf.rows.set(`${nameOf(record)} ${writer.shelf.rows.size}`, record.value)
    },
  })),
  'whatever a record holds, it is written, reported or refused': played(({ sound }) => ({
    put(records) {
      for (const { value } of records) (value as string).trim()
      return sound.put(records)
    },
  })),
  'a record that it cannot take is reported, and those around it are written': played((writer, context) => ({
    async put(records) {
      for (const record of records) {
        if (!isBad(record)) writer.waiting.push(record)
        else return await context.errantRecords?.(record, dataError('no text'))
      }
    },
  })),
  'where nobody takes reports, a record that it cannot take is refused, and never committed': played(
    ({ sound }) => ({ put: (records) => sound.put(records.filter((record) => !isBad(record))) }),
  ),
  'while the target is away nothing is committed, errors are `retriable`, and what is put again arrives':
    played(({ shelf, sound }) => ({
      flush(offsets) {
        if (shelf.isAway) throw new Error('the shelf is away')
        return sound.flush?.(offsets)
      },
    })),
  'a put that waits for a target that is away settles when the task’s signal aborts': played(
    ({ shelf, sound }) => ({
      put: (records) => (shelf.isAway ? new Promise(() => {}) : sound.put(records)),
    }),
  ),
  'a task takes a second disposal as it takes the first, with and without records before': played(() => ({
    [Symbol.asyncDispose]: onlyOnce(),
  })),
  'a task that has been disposed of leaves nothing behind': played(() => {
    leak()
    return {}
  }),
})
