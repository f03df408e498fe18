import { type Column, defineColumn } from '../columns/column.ts'
import { recordType } from '../columns/record-type.ts'
import type { Row } from '../columns/row-bytes.ts'
import type { BaseType, Value } from '../columns/value.ts'
import { refusal } from '../refusal.ts'
import type { Endpoint, Options } from './endpoint.ts'

interface AlterColumnsRequest {
  readonly table_name: string
  readonly column_alterations: readonly Options[]
}

/** A column of the new type, and how its value comes from a row of the old one. */
interface Altered {
  readonly column: Column
  readonly value: (row: Row) => unknown
}

/** All alterations of a request are carried out, or none. */
export const alterTableColumns: Endpoint<AlterColumnsRequest> = ({ database }, request) => {
  const table = database.table(request.table_name)
  const before = table.type()
  const unaltered = before.columns.map((column, index): Altered => ({ column, value: (row) => row[index] }))
  const after = request.column_alterations.reduce<readonly Altered[]>(alter, unaltered)
  const type = database.keepType(
    recordType(
      after.map(({ column }) => column),
      before.label,
    ),
  )
  table.retype(type, (row) => after.map(({ value }) => value(row)))
  return {
    table_name: request.table_name,
    type_id: type.id,
    type_definition: type.schema,
    properties: type.properties,
    label: type.label,
    column_alterations: request.column_alterations,
    info: {},
  }
}

function alter(columns: readonly Altered[], alteration: Options): readonly Altered[] {
  const { action = '', column_name: name = '' } = alteration
  const existing = columns.find(({ column }) => column.name === name)
  if (action === 'add_column') {
    if (existing !== undefined) throw refusal(`Column '${name}' already exists`, 'TM/Mc:407')
    return [...columns, added(name, alteration)]
  }
  if (existing === undefined) throw refusal(`Column '${name}' does not exist`, 'TM/Mc:408')
  if (keyed(existing.column)) {
    throw refusal(
      `Column '${name}' is of the primary key or the shard key, and cannot be changed`,
      'TM/Mc:409',
    )
  }
  if (action === 'delete_column') return columns.filter((one) => one !== existing)
  if (action === 'change_column') {
    return columns.map((one) => (one === existing ? changed(one, alteration) : one))
  }
  throw refusal(`Unsupported column alteration '${action}'`, 'TM/Mc:410')
}

const keyed = ({ properties }: Column): boolean =>
  properties.includes('primary_key') || properties.includes('shard_key')

const propertiesOf = (alteration: Options): readonly string[] | undefined =>
  alteration['column_properties']
    ?.split(/,(?![^(]*\))/)
    .map((property) => property.trim())
    .filter((property) => property !== '')

function added(name: string, alteration: Options): Altered {
  const properties = propertiesOf(alteration) ?? []
  const nullable = properties.includes('nullable')
  const column = defineColumn(name, alteration['column_type'] ?? '', nullable, properties)
  const text = alteration['column_default_value']
  const value = nullable ? null : text === undefined ? zeroes[column.base] : valueOfText(column.base, text)
  return { column, value: () => value }
}

/** What rows have in a new column that is neither nullable nor has a default. */
const zeroes: { readonly [base in BaseType]: Value } = {
  int: 0,
  long: 0n,
  float: 0,
  double: 0,
  string: '',
  bytes: new Uint8Array(0),
}

/** What an alteration does not say stays as it was. */
function changed({ column, value }: Altered, alteration: Options): Altered {
  const properties = propertiesOf(alteration) ?? column.properties
  const base = alteration['column_type'] ?? column.base
  const name = alteration['rename_column'] ?? column.name
  const next = defineColumn(name, base, properties.includes('nullable'), properties)
  if (next.base === column.base) return { column: next, value }
  return {
    column: next,
    value: (row) => {
      const before = value(row)
      return before === null ? null : valueOfText(next.base, String(before))
    },
  }
}

function valueOfText(base: BaseType, text: string): Value {
  switch (base) {
    case 'string':
      return text
    case 'bytes':
      return Uint8Array.from(Buffer.from(text))
    case 'long':
      if (/^-?\d+$/.test(text)) return BigInt(text)
      break
    default:
      if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  }
  throw refusal(`'${text}' cannot be converted to ${base}`, 'TM/Mc:411')
}
