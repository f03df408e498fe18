import { refusal } from '../refusal.ts'
import { type Endpoint, isOn, type Options } from './endpoint.ts'

interface SchemaRequest {
  readonly schema_name: string
  readonly options: Options
}

export const hasSchema: Endpoint<SchemaRequest> = ({ database }, { schema_name }) => ({
  schema_name,
  schema_exists: database.schemas().includes(schema_name),
  info: {},
})

export const createSchema: Endpoint<SchemaRequest> = ({ database }, { schema_name, options }) => {
  const exists = database.schemas().includes(schema_name)
  if (!exists || !isOn(options, 'no_error_if_exists')) database.createSchema(schema_name)
  return { schema_name, info: {} }
}

export const dropSchema: Endpoint<SchemaRequest> = ({ database }, { schema_name, options }) => {
  const exists = database.schemas().includes(schema_name)
  if (exists || !isOn(options, 'no_error_if_not_exists')) {
    database.dropSchema(schema_name, isOn(options, 'cascade'))
  }
  return { schema_name, info: {} }
}

export const showSchema: Endpoint<SchemaRequest> = ({ database }, { schema_name, options }) => {
  const all = database.schemas()
  const names = schema_name === '' ? all : all.filter((name) => name === schema_name)
  if (names.length === 0 && !isOn(options, 'no_error_if_not_exists')) {
    throw refusal(`Schema '${schema_name}' does not exist`, 'TM/Ms:403')
  }
  return {
    schema_name,
    schema_names: names,
    schema_tables: names.map((schema) =>
      database.tables().flatMap(({ name }) => (name.schema === schema ? [name.table] : [])),
    ),
    additional_info: names.map(() => ({})),
    info: {},
  }
}
