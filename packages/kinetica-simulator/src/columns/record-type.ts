import { createHash } from 'node:crypto'
import { refusal } from '../refusal.ts'
import { type Column, defineColumn } from './column.ts'

/** Properties by the name of their column. */
export type ColumnProperties = { readonly [column: string]: readonly string[] }

/** A type of records; two that are alike are the same, with the same id. */
export interface RecordType {
  readonly id: string
  readonly label: string
  readonly columns: readonly Column[]
  /** The Avro schema of its records, as JSON. */
  readonly schema: string
  readonly properties: ColumnProperties
}

/** A type from columns that are already sound; throws a Refusal where two have one name, or there is none. */
export function recordType(columns: readonly Column[], label: string): RecordType {
  if (columns.length === 0) throw refusal('Type definition has no fields', 'T/Td:201')
  const names = new Set<string>()
  for (const { name } of columns) {
    if (names.has(name)) throw refusal(`Type definition has two columns '${name}'`, 'T/Td:202')
    names.add(name)
  }
  const schema = JSON.stringify({
    type: 'record',
    name: 'type_name',
    fields: columns.map(({ name, base, nullable }) => ({ name, type: nullable ? [base, 'null'] : base })),
  })
  const properties = Object.fromEntries(columns.map((column) => [column.name, column.properties]))
  return {
    id: idOf(`${label}\n${schema}\n${JSON.stringify(properties)}`),
    label,
    columns,
    schema,
    properties,
  }
}

const idOf = (text: string): string =>
  createHash('sha256').update(text).digest().readBigUInt64BE(0).toString()

/** A type from the Avro schema and the properties of `/create/type`; throws a Refusal that says what is wrong. */
export function parseType(definition: string, label: string, properties: ColumnProperties): RecordType {
  const fields = fieldsOf(definition)
  for (const name of Object.keys(properties)) {
    if (!fields.some((field) => field.name === name)) {
      throw refusal(`Properties are given for '${name}', which is no column of the type`, 'T/Td:203')
    }
  }
  const columns = fields.map(({ name, type }) => {
    const { base, nullable } = columnTypeOf(name, type)
    return defineColumn(name, base, nullable, properties[name] ?? [])
  })
  return recordType(columns, label)
}

interface Field {
  readonly name: string
  readonly type: unknown
}

function fieldsOf(definition: string): readonly Field[] {
  let schema: { readonly type?: unknown; readonly fields?: unknown }
  try {
    schema = JSON.parse(definition)
  } catch (error) {
    throw refusal(`Type definition is no JSON: ${(error as Error).message}`, 'T/Td:204')
  }
  const { type, fields } = schema ?? {}
  if (type !== 'record' || !Array.isArray(fields)) {
    throw refusal("Type definition is no Avro schema of a 'record' with 'fields'", 'T/Td:205')
  }
  for (const field of fields) {
    if (typeof field?.name !== 'string')
      throw refusal('Type definition has a field without a name', 'T/Td:206')
  }
  return fields
}

/** `int`, or `["int","null"]` where the column is nullable: no other unions. */
function columnTypeOf(name: string, type: unknown): { readonly base: string; readonly nullable: boolean } {
  if (typeof type === 'string') return { base: type, nullable: false }
  if (Array.isArray(type) && type.length === 2 && type[1] === 'null' && typeof type[0] === 'string') {
    return { base: type[0], nullable: true }
  }
  throw refusal(`Column '${name}' has the unsupported type ${JSON.stringify(type)}`, 'T/Td:207')
}
