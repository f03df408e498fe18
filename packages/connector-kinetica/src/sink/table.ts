import { ConnectError, codeOf, dataError, type Schema, type SinkRecord, type TaskLog } from '@isthmus/sdk'
import type { Column } from '../database/column.ts'
import type { Database } from '../database/database.ts'
import { reasonOf, shownReason } from '../database/failure.ts'
import { columnOfField, columnOfValue } from '../database/mapping.ts'
import { createTable, findTable, readTable } from '../database/tables.ts'
import { Batch } from './batch.ts'
import { type Alteration, alterationsFor, type Evolution } from './evolution.ts'
import type { Insert } from './insert.ts'
import { fieldsOf, structOf } from './record-fields.ts'
import { fieldsWithoutColumn, missingColumns, planRow, type RowPlan, refusingPlan } from './row-plan.ts'

export interface TableParts {
  readonly database: Database
  readonly insert: Insert
  readonly createTables: boolean
  readonly evolution: Evolution
  /** Hands a bad record to who has to know of it; throws when the task is to fail for it, unless `tolerant`. */
  readonly report: (record: SinkRecord, error: unknown) => Promise<void>
  readonly tolerant: boolean
  readonly log: TaskLog
}

/** Plans of one table that are kept; more would be of schemas that come anew with every record. */
const MOST_PLANS = 100

/** Of a record that waits, in bytes, and of each of its fields. */
const RECORD_COST = 400
const FIELD_COST = 40

/** A table as a task knows it, and the rows of its next insert. */
export class Table {
  readonly name: string
  readonly #parts: TableParts
  #columns: readonly Column[]
  #batch = new Batch()
  /** Whether rows that wait have the columns of before. */
  #stale = false
  readonly #plans = new Map<Schema | null, RowPlan>()
  /** Versions of schemas whose records the table takes. */
  readonly #versions = new Set<number | null>()
  /** What has been said of this table's columns: schemas that come anew with every record say it once. */
  readonly #said = new Set<string>()

  private constructor(name: string, columns: readonly Column[], parts: TableParts) {
    this.name = name
    this.#columns = columns
    this.#parts = parts
  }

  /** The table of a name; where there is none, and that is configured, it is created for records like `sample`. */
  static async open(name: string, sample: SinkRecord, parts: TableParts): Promise<Table> {
    return new Table(name, await describe(name, sample, parts), parts)
  }

  get batch(): Batch {
    return this.#batch
  }

  /** About what a record takes beside its row: many columns without a value are small in a row, and not in a record. */
  get recordBytes(): number {
    return RECORD_COST + this.#columns.length * FIELD_COST
  }

  /** How records of a schema become rows; undefined when that has not been worked out yet. */
  plan(schema: Schema | null): RowPlan | undefined {
    return this.#plans.get(schema)
  }

  /** Works out how records of the schema of `sample` become rows; alters the table before, where it is to follow its schemas. */
  async prepare(sample: SinkRecord): Promise<RowPlan> {
    const { valueSchema: schema } = sample
    const version = schema?.version ?? null
    if (this.#takesVersion(version)) await this.#follow(sample)
    const plan = this.#versions.has(version) ? this.#planFor(sample) : this.#refuseVersion(version)
    if (this.#plans.size >= MOST_PLANS) this.#plans.clear()
    this.#plans.set(schema, plan)
    return plan
  }

  /**
   * Inserts the rows that wait. Rows that the database refuses are reported, and the others are in; where the first of them fails the
   * task, those before it are in. What throws leaves those waiting that are neither in nor reported.
   */
  async send(): Promise<void> {
    const { insert, log } = this.#parts
    const [first] = this.#batch.records
    if (first === undefined) return
    if (!this.#stale) {
      try {
        await insert(this.name, this.#batch.rows(), 'all or none')
        this.#batch.clear()
        return
      } catch (error) {
        if (reasonOf(error) !== 'refused') throw error
        log.warn(
          `Inserting ${this.#batch.records.length} rows into table ${this.name} has failed: its columns are read again, and each row is tried by itself. ${(error as Error).message}`,
        )
      }
    }
    this.#become(await describe(this.name, first, this.#parts))
    if (this.#stale) await this.#makeAnew()
    if (this.#batch.records.length === 0) return
    const refused = await this.#insertFit()
    await Promise.all(
      refused.map(([record, reason]) =>
        this.#parts.report(
          record,
          dataError(`table ${this.name} does not take the row: ${shownReason(reason)}`),
        ),
      ),
    )
    this.#batch.clear()
  }

  /** Inserts the rows that the database takes, and keeps the others; answers with those to report, and why they are refused. */
  async #insertFit(): Promise<readonly (readonly [SinkRecord, string])[]> {
    const { insert, tolerant } = this.#parts
    const { records } = this.#batch
    try {
      const reasons = await insert(this.name, this.#batch.rows(), tolerant ? 'each by itself' : 'all or told')
      const refused = records.flatMap((record, index) => {
        const reason = reasons.get(index)
        return reason === undefined ? [] : [[record, reason] as const]
      })
      const [first] = reasons.keys()
      if (tolerant || first === undefined) {
        this.#batch.retain((_record, index) => reasons.has(index))
        return refused
      }
      // what is behind it comes again when the task is started again: it would be there twice
      if (first > 0) await insert(this.name, this.#batch.rows(first), 'all or none')
      this.#batch.retain((_record, index) => index >= first)
      return refused.slice(0, 1)
    } catch (error) {
      throw withTable(error, `Rows cannot be inserted into table ${this.name}`)
    }
  }

  /** Makes the rows that wait anew, for the columns that the table has now. */
  async #makeAnew(): Promise<void> {
    const { report } = this.#parts
    const samples = new Map(this.#batch.records.map((record) => [record.valueSchema, record]))
    for (const sample of samples.values()) await this.#alterFor(sample)
    const batch = new Batch()
    const bad: (readonly [SinkRecord, unknown])[] = []
    for (const record of this.#batch.records) {
      const { valueSchema: schema } = record
      try {
        const plan = this.#plans.get(schema) ?? this.#planFor(record)
        this.#plans.set(schema, plan)
        batch.add(record, plan, fieldsOf(record))
      } catch (error) {
        if (codeOf(error) !== 'data') throw error
        bad.push([record, error])
      }
    }
    // until they are reported they wait
    await Promise.all(bad.map(([record, error]) => report(record, error)))
    this.#batch = batch
    this.#stale = false
  }

  #takesVersion(version: number | null): boolean {
    if (!this.#parts.evolution.enabled && this.#versions.size > 0) return this.#versions.has(version)
    this.#versions.add(version)
    return true
  }

  #refuseVersion(version: number | null): RowPlan {
    const known = [...this.#versions].map((one) => one ?? 'none').join(', ')
    const reason = `table ${this.name} takes records of schema version ${known}, and not of ${version ?? 'none'}: kinetica.schema_evolution.enabled is false`
    this.#warnOnce(`Records are refused: ${reason}`)
    return refusingPlan(reason)
  }

  #planFor(sample: SinkRecord): RowPlan {
    const schema = structOf(sample.valueSchema)
    if (schema === null) {
      this.#tellLeftOut(Object.keys(fieldsOf(sample)))
      return planRow(this.#columns, null)
    }
    const missing = missingColumns(this.#columns, schema)
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name).join(', ')
      const reason = `table ${this.name} requires ${names}, and version ${schema.version ?? 'none'} of schema ${schema.name ?? 'without a name'} has no such field`
      this.#warnOnce(`Records are refused: ${reason}`)
      return refusingPlan(reason)
    }
    this.#tellLeftOut(schema.fields.map(({ name }) => name))
    return planRow(this.#columns, schema)
  }

  #tellLeftOut(names: readonly string[]): void {
    const left = fieldsWithoutColumn(this.#columns, names)
    if (left.length > 0)
      this.#warnOnce(`Fields that table ${this.name} has no column for are left out: ${left.join(', ')}`)
  }

  #warnOnce(message: string): void {
    if (this.#said.has(message)) return
    if (this.#said.size >= MOST_PLANS) this.#said.clear()
    this.#said.add(message)
    this.#parts.log.warn(message)
  }

  /** Alters the table so that it holds records of the schema of `sample`, as far as that is configured. */
  async #follow(sample: SinkRecord): Promise<void> {
    if (this.#alterationsFor(sample).length === 0) return
    // rows that wait have the columns of before
    await this.send()
    await this.#alterFor(sample)
  }

  #alterationsFor({ valueSchema }: SinkRecord): readonly Alteration[] {
    const schema = structOf(valueSchema)
    return schema === null ? [] : alterationsFor(this.#columns, schema, this.#parts.evolution)
  }

  async #alterFor(sample: SinkRecord): Promise<void> {
    const { database, log } = this.#parts
    const alterations = this.#alterationsFor(sample)
    if (alterations.length === 0) return
    try {
      await database.call('/alter/table/columns', {
        table_name: this.name,
        column_alterations: alterations,
        options: {},
      })
      const changes = alterations.map((one) => `${one['action']} ${one['column_name']}`).join(', ')
      log.info(
        `Altered table ${this.name} for version ${sample.valueSchema?.version ?? 'none'} of its schema: ${changes}`,
      )
    } catch (error) {
      if (reasonOf(error) !== 'refused') throw error
      // another task may have been faster: then nothing is left to do
      this.#become((await readTable(database, this.name)).columns)
      if (this.#alterationsFor(sample).length === 0) return
      throw withTable(error, `Table ${this.name} cannot be altered for a new version of its schema`)
    }
    this.#become((await readTable(database, this.name)).columns)
  }

  #become(columns: readonly Column[]): void {
    if (JSON.stringify(columns) === JSON.stringify(this.#columns)) return
    this.#columns = columns
    this.#plans.clear()
    this.#said.clear()
    this.#stale = this.#batch.records.length > 0
  }
}

async function describe(name: string, sample: SinkRecord, parts: TableParts): Promise<readonly Column[]> {
  const { database, createTables, log } = parts
  const found = await findTable(database, name)
  if (found !== null) return found.columns
  if (!createTables)
    throw new ConnectError(
      'connect',
      `Table ${name} does not exist, and kinetica.tables.create_table is false: create it, or let the connector do so`,
    )
  const columns = columnsFor(sample)
  await createTable(database, name, columns).catch((error) => {
    throw withTable(error, `Table ${name} cannot be created`)
  })
  log.info(`Created table ${name}`)
  return (await readTable(database, name)).columns
}

/** The columns of a table for records like this one. */
function columnsFor(sample: SinkRecord): readonly Column[] {
  const columns =
    structOf(sample.valueSchema)?.fields.map(({ name, schema }) => columnOfField(name, schema)) ??
    Object.entries(fieldsOf(sample)).flatMap(([name, value]) => columnOfValue(name, value) ?? [])
  if (columns.length === 0)
    throw dataError('the value has no field with a value, of which a column could be made')
  return columns
}

/** What the database refuses is of the table; why else a call fails is not. */
const withTable = (error: unknown, what: string): unknown =>
  reasonOf(error) === 'refused'
    ? new ConnectError('connect', `${what}: ${(error as Error).message}`, { cause: error })
    : error
