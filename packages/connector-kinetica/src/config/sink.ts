import {
  atLeast,
  type ConfigDef,
  type ConfigOf,
  type ConfigValue,
  ConnectError,
  type Props,
} from '@isthmus/sdk'
import { connectionConfig } from './connection.ts'

/** What a property was called before 7.1, by what it is called now. */
const formerNames = {
  'kinetica.tables.create_table': 'kinetica.create_table',
  'kinetica.tables.prefix': 'kinetica.table_prefix',
  'kinetica.tables.schema_name': 'kinetica.collection_name',
  'kinetica.tables.destination_name': 'kinetica.dest_table_override',
  'kinetica.tables.single_table_per_topic': 'kinetica.single_table_per_topic',
  'kinetica.tables.update_on_existing_pk': 'kinetica.update_on_existing_pk',
  'kinetica.schema_evolution.enabled': 'kinetica.allow_schema_evolution',
  'kinetica.schema_evolution.add_new_fields_as_columns': 'kinetica.add_new_fields_as_columns',
  'kinetica.schema_evolution.make_missing_field_nullable': 'kinetica.make_missing_field_nullable',
} as const

const former = <T extends 'string' | 'boolean'>(type: T, now: keyof typeof formerNames) =>
  ({
    type,
    default: null,
    importance: 'low',
    doc: `Deprecated: what ${now} was called before version 7.1 of the connector of the JVM. It counts where ${now} is not set.`,
  }) as const

/** Properties of the sink. */
export const sinkConfig = {
  ...connectionConfig,
  'kinetica.enable_multihead': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Taken for the sake of configurations that have it, without an effect: rows are sent to the head node, and the database hands them to its other nodes.',
  },
  'kinetica.retry_count': {
    type: 'int',
    default: 1,
    validate: atLeast(1),
    importance: 'low',
    doc: 'How often an insert is tried at once when the database cannot be reached. After that the worker tries it again every second, until it succeeds or the task is stopped.',
  },
  'kinetica.batch_size': {
    type: 'int',
    default: 10000,
    validate: atLeast(1),
    importance: 'medium',
    doc: 'How many rows of a table are inserted at once, at most. Rows that are fewer are inserted when offsets are committed.',
  },
  'kinetica.tables.create_table': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether a table that does not exist is created, and its schema with it. Otherwise the task fails.',
  },
  'kinetica.tables.prefix': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'What names of tables begin with, where they come from topics or from schemas of records.',
  },
  'kinetica.tables.schema_name': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'The schema of the database that tables belong to whose names have none. Empty: the default schema of the user.',
  },
  'kinetica.tables.destination_name': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'The table that all records go to; or for each topic of topics its table, in the same order, separated by commas.',
  },
  'kinetica.tables.single_table_per_topic': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether all records of a topic go to one table that has its name, with an underscore for each dot. Otherwise records go to tables that are named for their schemas.',
  },
  'kinetica.tables.update_on_existing_pk': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether a record takes the place of the row with the same primary key. Otherwise the row stays, and the record counts as stored.',
  },
  'kinetica.schema_evolution.enabled': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether tables follow the versions of the schemas of records. It takes effect with kinetica.tables.single_table_per_topic and kinetica.tables.create_table.',
  },
  'kinetica.schema_evolution.add_new_fields_as_columns': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether a field that the table has no column for becomes a column. Otherwise the field is left out.',
  },
  'kinetica.schema_evolution.make_missing_field_nullable': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether a column without a field is made nullable. Otherwise records of that version of the schema are refused where the column is not.',
  },
  'kinetica.create_table': former('boolean', 'kinetica.tables.create_table'),
  'kinetica.table_prefix': former('string', 'kinetica.tables.prefix'),
  'kinetica.collection_name': former('string', 'kinetica.tables.schema_name'),
  'kinetica.dest_table_override': former('string', 'kinetica.tables.destination_name'),
  'kinetica.single_table_per_topic': former('boolean', 'kinetica.tables.single_table_per_topic'),
  'kinetica.update_on_existing_pk': former('boolean', 'kinetica.tables.update_on_existing_pk'),
  'kinetica.allow_schema_evolution': former('boolean', 'kinetica.schema_evolution.enabled'),
  'kinetica.add_new_fields_as_columns': former(
    'boolean',
    'kinetica.schema_evolution.add_new_fields_as_columns',
  ),
  'kinetica.make_missing_field_nullable': former(
    'boolean',
    'kinetica.schema_evolution.make_missing_field_nullable',
  ),
} as const satisfies ConfigDef

export type SinkConfig = ConfigOf<typeof sinkConfig>

/** The configuration under the names of today: a former name counts where the present one is absent. */
export function withPresentNames(props: Props): Props {
  const present: { [name: string]: string } = { ...props }
  for (const [now, before] of Object.entries(formerNames)) {
    const value = props[before]
    delete present[before]
    if (value !== undefined && props[now] === undefined) present[now] = value
  }
  return present
}

/** Where the tables of topics are named: the topic's table by its name in lower case, or one table for all. */
export type Destinations = string | ReadonlyMap<string, string> | null

/** What `kinetica.tables.destination_name` says, of a configuration under present names; throws a `config` error when topics and tables do not match. */
export function destinationsOf(props: Props): Destinations {
  const text = (props['kinetica.tables.destination_name'] ?? '').trim()
  if (text === '') return null
  const names = listOf(text)
  const topics = props['topics'] === undefined ? null : listOf(props['topics'])
  const single = props['kinetica.tables.single_table_per_topic']?.trim().toLowerCase() === 'true'
  const invalid = (reason: string) =>
    new ConnectError(
      'config',
      `Invalid value ${text} for configuration kinetica.tables.destination_name: ${reason}`,
    )
  if (names.includes('')) throw invalid('a name between two commas is empty')
  const [only = ''] = names
  if (names.length === 1 && !single) return only
  if (topics === null) throw invalid('it cannot be used with topics.regex: name the topics with topics')
  if (topics.length !== names.length)
    throw invalid(
      `it has ${names.length} tables for the ${topics.length} topics of topics; it must have one for each`,
    )
  return new Map(topics.map((topic, index) => [topic.toLowerCase(), names[index] ?? '']))
}

/** What is wrong with properties beyond what each says for itself, by property. */
export function checkSink(
  props: Props,
  _values: readonly ConfigValue[],
): { readonly [name: string]: readonly string[] } {
  try {
    destinationsOf(withPresentNames(props))
    return {}
  } catch (error) {
    const given = 'kinetica.tables.destination_name' in props
    return {
      [given ? 'kinetica.tables.destination_name' : 'kinetica.dest_table_override']: [
        (error as Error).message,
      ],
    }
  }
}

const listOf = (text: string): readonly string[] => text.split(',').map((entry) => entry.trim())
