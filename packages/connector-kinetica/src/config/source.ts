import {
  type ConfigDef,
  type ConfigOf,
  type ConfigValue,
  ConnectError,
  nonEmptyString,
  type Props,
} from '@isthmus/sdk'
import { connectionConfig } from './connection.ts'

/** Properties of the source. */
export const sourceConfig = {
  ...connectionConfig,
  'kinetica.table_names': {
    type: 'string',
    validate: nonEmptyString,
    importance: 'high',
    doc: 'The tables to read, separated by commas, each with its schema before it where it is not in the default one: schema.table.',
  },
  'kinetica.topic_prefix': {
    type: 'string',
    default: '',
    importance: 'high',
    doc: 'Rows of a table go to the topic whose name is this and the name of the table.',
  },
  'kinetica.kafka_schema_version': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'The versions of the schemas of records, separated by commas: one for each table of kinetica.table_names, in the same order. Where there is none for a table it is 1.',
  },
  'kinetica.order_column': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'A column whose values grow with every inserted row: rows are then read by it, from the first on, and a task that starts again goes on behind the last row that was delivered; a row that is inserted with a smaller value than one that was read before is not read. Columns of int, long (timestamp) and string (char, date, time, datetime) will do; rows without a value are left out. One name for all tables, or table:column for each, separated by commas. Tables without one are followed from the moment that their task starts: rows from before, and rows inserted while it does not run, are not read.',
  },
} as const satisfies ConfigDef

export type SourceConfig = ConfigOf<typeof sourceConfig>

/** A table to read, with what is configured for it. */
export interface SourceTable {
  readonly name: string
  /** Of the schema of its records. */
  readonly version: number
  readonly orderColumn: string | null
}

type Problem = readonly [property: keyof typeof sourceConfig, message: string]
type Texts = Pick<
  SourceConfig,
  'kinetica.table_names' | 'kinetica.kafka_schema_version' | 'kinetica.order_column'
>

/** The tables to read, in order; throws a `config` error for the first thing that is wrong with them. */
export function sourceTables(config: Texts): readonly SourceTable[] {
  const { tables, problems } = readTables(config)
  const [problem] = problems
  if (problem !== undefined) throw new ConnectError('config', problem[1])
  return tables
}

/** What is wrong with properties beyond what each says for itself, by property. */
export function checkSource(
  _props: Props,
  values: readonly ConfigValue[],
): { readonly [name: string]: readonly string[] } {
  const textOf = (name: keyof Texts) => String(values.find((value) => value.name === name)?.value ?? '')
  const { problems } = readTables({
    'kinetica.table_names': textOf('kinetica.table_names'),
    'kinetica.kafka_schema_version': textOf('kinetica.kafka_schema_version'),
    'kinetica.order_column': textOf('kinetica.order_column'),
  })
  return Object.fromEntries(
    Map.groupBy(problems, ([property]) => property)
      .entries()
      .map(([property, found]) => [property, found.map(([, message]) => message)]),
  )
}

function readTables(config: Texts): {
  readonly tables: readonly SourceTable[]
  readonly problems: readonly Problem[]
} {
  const problems: Problem[] = []
  const complain = (property: keyof Texts, reason: string) =>
    problems.push([property, `Invalid value ${config[property]} for configuration ${property}: ${reason}`])

  const names = listOf(config['kinetica.table_names'])
  if (names.length > 0 && names.includes(''))
    complain('kinetica.table_names', 'a name between two commas is empty')
  for (const name of repeated(names)) complain('kinetica.table_names', `table ${name} is named twice`)

  const versions = listOf(config['kinetica.kafka_schema_version'])
  if (versions.length > 0 && versions.length !== names.length)
    complain(
      'kinetica.kafka_schema_version',
      `has ${versions.length} versions for ${names.length} tables; it must be empty, or have one for each`,
    )
  for (const version of versions)
    if (!/^(?:[0-9]{1,9})?$/.test(version))
      complain(
        'kinetica.kafka_schema_version',
        `${version} is no version; it must be a whole number, or empty for 1`,
      )

  const orders = listOf(config['kinetica.order_column'])
  const columns = new Map<string, string>()
  const [single = ''] = orders
  const forAll = orders.length === 1 && !single.includes(':') ? single : null
  for (const entry of forAll === null ? orders : []) {
    const at = entry.lastIndexOf(':')
    const table = entry.slice(0, Math.max(at, 0)).trim()
    const column = entry.slice(at + 1).trim()
    if (table === '' || column === '')
      complain('kinetica.order_column', `${entry} must be table:column, or the only column, for all tables`)
    else if (!names.includes(table))
      complain('kinetica.order_column', `table ${table} is not in kinetica.table_names`)
    else if (columns.has(table)) complain('kinetica.order_column', `table ${table} has two columns`)
    else columns.set(table, column)
  }

  const tables = names.map((name, index) => ({
    name,
    version: Number(versions[index] || 1),
    orderColumn: forAll ?? columns.get(name) ?? null,
  }))
  return { tables, problems }
}

const listOf = (text: string): readonly string[] =>
  text.trim() === '' ? [] : text.split(',').map((entry) => entry.trim())

const repeated = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.filter((name, index) => names.indexOf(name) !== index))
