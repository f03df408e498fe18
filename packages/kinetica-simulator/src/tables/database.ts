import { type ColumnProperties, parseType, type RecordType } from '../columns/record-type.ts'
import { refusal } from '../refusal.ts'
import { openTable, type Table } from './table.ts'
import { checkName, DEFAULT_SCHEMA, parseTableName, qualified, type TableName } from './table-name.ts'

/** Types, schemas, tables. */
export interface Database {
  readonly createType: (definition: string, label: string, properties: ColumnProperties) => RecordType
  readonly type: (id: string) => RecordType | undefined
  readonly schemas: () => readonly string[]
  readonly createSchema: (name: string) => void
  readonly dropSchema: (name: string, cascade: boolean) => void
  readonly tables: () => readonly Table[]
  readonly find: (name: string) => Table | undefined
  /** The table of a name; throws a Refusal where there is none. */
  readonly table: (name: string) => Table
  readonly createTable: (name: TableName, type: RecordType) => Table
  readonly dropTable: (name: string) => void
  readonly keepType: (type: RecordType) => RecordType
}

export function openDatabase(): Database {
  const types = new Map<string, RecordType>()
  const schemas = new Set([DEFAULT_SCHEMA])
  const tables = new Map<string, Table>()
  const find = (name: string): Table | undefined => tables.get(qualified(parseTableName(name)))

  const keepType = (type: RecordType): RecordType => {
    types.set(type.id, type)
    return type
  }

  const table = (name: string): Table => {
    const found = find(name)
    if (found === undefined) throw refusal(`Table '${name}' does not exist`, 'TM/Mt:401')
    return found
  }

  return {
    createType: (definition, label, properties) => keepType(parseType(definition, label, properties)),
    type: (id) => types.get(id),
    keepType,
    schemas: () => [...schemas],

    createSchema(name) {
      checkName(name)
      if (schemas.has(name)) throw refusal(`Schema '${name}' already exists`, 'TM/Ms:402')
      schemas.add(name)
    },

    dropSchema(name, cascade) {
      if (!schemas.has(name)) throw refusal(`Schema '${name}' does not exist`, 'TM/Ms:403')
      const within = [...tables].filter(([, { name: of }]) => of.schema === name)
      if (within.length > 0 && !cascade) throw refusal(`Schema '${name}' is not empty`, 'TM/Ms:404')
      for (const [key] of within) tables.delete(key)
      schemas.delete(name)
    },

    tables: () => [...tables.values()],
    find,
    table,

    createTable(name, type) {
      if (!schemas.has(name.schema)) throw refusal(`Schema '${name.schema}' does not exist`, 'TM/Ms:403')
      if (tables.has(qualified(name))) throw refusal(`Table '${qualified(name)}' already exists`, 'TM/Mt:405')
      const created = openTable(name, type)
      tables.set(qualified(name), created)
      return created
    },

    dropTable(name) {
      tables.delete(qualified(table(name).name))
    },
  }
}
