import { ConnectError } from '@isthmus/sdk'
import { type Column, columnsOf, typeDefinition, typeProperties } from './column.ts'
import type { Database } from './database.ts'

export interface Table {
  /** As it was asked for. */
  readonly name: string
  readonly columns: readonly Column[]
}

/** Describes a table; null when there is none of this name. Throws for a schema, which holds tables and no rows. */
export async function findTable(database: Database, name: string): Promise<Table | null> {
  const { table_exists } = await database.call('/has/table', { table_name: name, options: {} })
  return table_exists ? await readTable(database, name) : null
}

/** Describes a table that is there; a `refused` failure when it is not. */
export async function readTable(database: Database, name: string): Promise<Table> {
  const answer = await database.call('/show/table', {
    table_name: name,
    options: { show_children: 'false', get_column_info: 'true' },
  })
  const [descriptions = []] = answer.table_descriptions
  if (descriptions.includes('COLLECTION') || descriptions.includes('SCHEMA'))
    throw new ConnectError(
      'connect',
      `${name} is a schema of Kinetica (a collection), not a table: name a table in it`,
    )
  const [typeSchema] = answer.type_schemas
  if (typeSchema === undefined)
    throw new ConnectError('connect', `Kinetica does not say what columns table ${name} has`)
  try {
    return { name, columns: columnsOf(typeSchema, answer.properties[0] ?? {}) }
  } catch (cause) {
    throw new ConnectError('connect', `Table ${name} cannot be used: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Creates a table with its type, and the schema before it where the name has one. When another has created it meanwhile, that is
 * well: read what the columns are afterwards.
 */
export async function createTable(
  database: Database,
  name: string,
  columns: readonly Column[],
): Promise<void> {
  const dot = name.indexOf('.')
  if (dot >= 0) await createSchema(database, name.slice(0, dot))
  const { type_id } = await database.call('/create/type', {
    type_definition: typeDefinition(columns),
    label: name,
    properties: typeProperties(columns),
    options: {},
  })
  await database.call('/create/table', {
    table_name: name,
    type_id,
    options: { no_error_if_exists: 'true' },
  })
}

async function createSchema(database: Database, schema: string): Promise<void> {
  const { schema_exists } = await database.call('/has/schema', { schema_name: schema, options: {} })
  if (!schema_exists)
    await database.call('/create/schema', { schema_name: schema, options: { no_error_if_exists: 'true' } })
}
