import {
  ConnectError,
  codeOf,
  dataError,
  type PartitionOffset,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
} from '@isthmus/sdk'
import { destinationsOf, type SinkConfig } from '../config/sink.ts'
import { openDatabase } from '../database/database.ts'
import { openInsert } from './insert.ts'
import { fieldsOf } from './record-fields.ts'
import type { Table } from './table.ts'
import { placeOf, Tables } from './tables.ts'

/** Rows of one table are inserted when they take as much as this, in bytes, though they are fewer than a batch. */
const MOST_BATCH_BYTES = 4 * 1024 * 1024
/** Rows of all tables are inserted when they and their records take as much as this. */
const MOST_WAITING_BYTES = 96 * 1024 * 1024
/**
 * Puts records into tables: they become rows that wait for the next insert of their table. Offsets are safe once the rows are in the
 * database; what an insert could not do waits on, and holds them back. Nothing is asked of the database before the first record.
 */
export function openSinkTask(config: SinkConfig, context: SinkTaskContext): SinkTask {
  const { log, signal, errantRecords } = context
  const database = openDatabase({
    url: config['kinetica.url'],
    username: config['kinetica.username'],
    password: config['kinetica.password'],
    timeoutMs: config['kinetica.timeout'],
    signal,
  })
  const report = async (record: SinkRecord, error: unknown): Promise<void> => {
    const message = `The record of ${whereOf(record)} cannot be stored in Kinetica: ${(error as Error).message}`
    // no `data` error: what fails the task is not one of the record that happens to be taken
    if (errantRecords === null) throw new ConnectError('connect', message, { cause: error })
    await errantRecords(record, dataError(message, { cause: error }))
  }
  const tolerant = errantRecords !== null
  const tables = openTables(config, { database, report, tolerant, log, signal })
  const batchSize = config['kinetica.batch_size']

  /** Records that a put had taken when it asked for all of them again: by partition, the offset behind the last. */
  let taken: ReadonlyMap<string, number> = new Map()
  /** Why the task has failed: nothing is inserted any more. */
  let failure: { readonly error: unknown } | null = null
  const skipped = openSkipped()

  const isFull = ({ batch }: Table): boolean =>
    batch.records.length >= batchSize || batch.bytes >= MOST_BATCH_BYTES

  /** No less than what the rows that wait and their records take: they are measured when it has grown too large. */
  let waitingBytes = 0
  /** After a row has been added to the table. */
  const sendIfDue = (table: Table): Promise<void> | undefined => {
    waitingBytes += table.batch.lastBytes + table.recordBytes
    if (isFull(table)) return table.send()
    if (waitingBytes < MOST_WAITING_BYTES) return undefined
    waitingBytes = tables.bytes()
    return waitingBytes < MOST_WAITING_BYTES ? undefined : tables.send()
  }

  /** Makes a row of a record; answers with its table where all has been worked out before. */
  const takeAtOnce = (record: SinkRecord): Table | null => {
    const table = tables.find(record)
    const plan = table?.plan(record.valueSchema)
    if (table === undefined || plan === undefined) return null
    table.batch.add(record, plan, fieldsOf(record))
    return table
  }
  /** What a record calls its table or its columns may be the reason that there can be none. */
  const openFor = (record: SinkRecord): Promise<Table> =>
    tables.open(record).catch((error) => {
      if (codeOf(error) !== 'connect') throw error
      throw new ConnectError(
        'connect',
        `The record of ${whereOf(record)} has no table that it can go to: ${(error as Error).message}`,
        { cause: error },
      )
    })
  const takeAnew = async (record: SinkRecord): Promise<Table> => {
    const fields = fieldsOf(record)
    const table = tables.find(record) ?? (await openFor(record))
    const plan = table.plan(record.valueSchema) ?? (await table.prepare(record))
    table.batch.add(record, plan, fields)
    return table
  }

  /** Takes records until one cannot be taken now; counts them in `progress`. */
  const takeAll = async (records: readonly SinkRecord[], progress: { taken: number }): Promise<void> => {
    const reports: Promise<void>[] = []
    // what could not be inserted when these records came for the first time
    for (const table of tables.all()) if (isFull(table)) await table.send()
    try {
      for (const record of records) {
        let table: Table | null = null
        if (record.value === null) skipped.add(record)
        else if (!isTaken(taken, record)) {
          try {
            table = takeAtOnce(record) ?? (await takeAnew(record))
          } catch (error) {
            if (codeOf(error) !== 'data') throw error
            const reported = report(record, error)
            if (errantRecords === null) await reported
            // it is waited for below, whatever comes between
            reported.catch(() => {})
            reports.push(reported)
          }
        }
        progress.taken++
        const sending = table === null ? undefined : sendIfDue(table)
        if (sending !== undefined) await sending
      }
    } finally {
      await Promise.all(reports)
    }
  }

  return {
    async put(records) {
      if (failure !== null) throw failure.error
      const progress = { taken: 0 }
      try {
        await takeAll(records, progress)
        taken = new Map()
      } catch (error) {
        signal.throwIfAborted()
        if (codeOf(error) === 'retriable') taken = takenOf(taken, records.slice(0, progress.taken))
        else failure = { error }
        throw error
      }
    },

    async preCommit(offsets) {
      skipped.tell(log.warn)
      try {
        if (failure === null) await tables.send()
      } catch (error) {
        signal.throwIfAborted()
        // the worker would deliver all records since the last commit again: they wait here instead
        if (codeOf(error) !== 'retriable') failure = { error }
        log.error(`Rows could not be inserted, and wait: ${(error as Error).message}`, error)
      }
      return safeOf(offsets, tables.waiting())
    },

    close(partitions) {
      const places = new Set(partitions.map(({ topic, partition }) => `${topic}-${partition}`))
      tables.drop(places)
      taken = new Map([...taken].filter(([place]) => !places.has(place)))
    },

    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

function openTables(
  config: SinkConfig,
  parts: Pick<ConstructorParameters<typeof Tables>[1], 'database' | 'report' | 'tolerant' | 'log'> & {
    readonly signal: AbortSignal
  },
): Tables {
  const { database, report, tolerant, log, signal } = parts
  const singleTablePerTopic = config['kinetica.tables.single_table_per_topic']
  const createTables = config['kinetica.tables.create_table']
  const evolves = config['kinetica.schema_evolution.enabled']
  return new Tables(
    {
      destinations: destinationsOf(config.raw),
      prefix: config['kinetica.tables.prefix'],
      schemaName: config['kinetica.tables.schema_name'],
      singleTablePerTopic,
    },
    {
      database,
      insert: openInsert({
        database,
        updateOnExistingPk: config['kinetica.tables.update_on_existing_pk'],
        attempts: config['kinetica.retry_count'],
        signal,
        log,
      }),
      createTables,
      evolution: {
        enabled: evolves,
        altering: evolves && singleTablePerTopic && createTables,
        addNewFields: config['kinetica.schema_evolution.add_new_fields_as_columns'],
        makeMissingNullable: config['kinetica.schema_evolution.make_missing_field_nullable'],
      },
      report,
      tolerant,
      log,
    },
  )
}

const isTaken = (taken: ReadonlyMap<string, number>, record: SinkRecord): boolean =>
  taken.size > 0 && record.originalKafkaOffset < (taken.get(placeOf(record)) ?? 0)

/** With these records as well. */
function takenOf(
  before: ReadonlyMap<string, number>,
  records: readonly SinkRecord[],
): ReadonlyMap<string, number> {
  const taken = new Map(before)
  for (const record of records) {
    const place = placeOf(record)
    taken.set(place, Math.max(taken.get(place) ?? 0, record.originalKafkaOffset + 1))
  }
  return taken
}

/** What may be committed of these offsets while records wait. */
const safeOf = (
  offsets: readonly PartitionOffset[],
  waiting: ReadonlyMap<string, number>,
): readonly PartitionOffset[] =>
  offsets.map((asked) => ({
    ...asked,
    offset: Math.min(asked.offset, waiting.get(`${asked.topic}-${asked.partition}`) ?? asked.offset),
  }))

/** Records without a value: nothing of them can be stored, and nothing is deleted for them. They are told of at each commit. */
function openSkipped() {
  let count = 0
  let first = ''
  return {
    add(record: SinkRecord): void {
      if (count++ === 0) first = whereOf(record)
    },
    tell(warn: (message: string) => void): void {
      if (count === 0) return
      warn(
        `Skipped ${count} ${count === 1 ? 'record' : 'records'} without a value, for which no row is stored or deleted; the first was of ${first}`,
      )
      count = 0
    },
  }
}

const whereOf = ({ originalTopic, originalKafkaPartition, originalKafkaOffset }: SinkRecord): string =>
  `topic ${originalTopic}, partition ${originalKafkaPartition}, offset ${originalKafkaOffset}`
