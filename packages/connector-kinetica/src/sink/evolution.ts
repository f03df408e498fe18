import type { StructSchema, Value } from '@isthmus/sdk'
import { type Column, propertiesOf } from '../database/column.ts'
import { columnOfField } from '../database/mapping.ts'
import { missingColumns } from './row-plan.ts'

/** What may be done to a table so that it can hold records of another version of their schema. */
export interface Evolution {
  /** Of `kinetica.schema_evolution.enabled`: records of several versions may go to a table. */
  readonly enabled: boolean
  /** Whether tables are altered at all: they are those of a topic, and the connector creates them. */
  readonly altering: boolean
  readonly addNewFields: boolean
  readonly makeMissingNullable: boolean
}

/** One of `column_alterations` of `/alter/table/columns`. */
export type Alteration = { readonly [option: string]: string }

/** What is to be altered for records of a schema; a `data` error when a field is of a type that no column has. */
export function alterationsFor(
  columns: readonly Column[],
  schema: StructSchema,
  { altering, addNewFields, makeMissingNullable }: Evolution,
): readonly Alteration[] {
  if (!altering) return []
  const known = new Set(columns.map(({ name }) => name))
  const added = addNewFields ? schema.fields.filter(({ name }) => !known.has(name)) : []
  const missing = makeMissingNullable ? missingColumns(columns, schema).filter(canBeNull) : []
  return [
    ...added.map((field) => {
      const column = columnOfField(field.name, field.schema)
      return alteration('add_column', column, defaultText(field.schema.default ?? null))
    }),
    ...missing.map((column) => alteration('change_column', column, null)),
  ]
}

/** A key identifies rows, and says where they are: none of its columns takes a null. */
const canBeNull = ({ properties }: Column): boolean =>
  !properties.includes('primary_key') && !properties.includes('shard_key')

const alteration = (action: string, column: Column, fallback: string | null): Alteration => ({
  action,
  column_name: column.name,
  column_type: column.type,
  column_properties: propertiesOf({ ...column, nullable: true }).join(','),
  ...(fallback !== null && { column_default_value: fallback }),
})

/** A default as the database takes it; null for none, and for those that have no text there. */
function defaultText(value: Value): string | null {
  switch (typeof value) {
    case 'boolean':
      return value ? '1' : '0'
    case 'string':
    case 'number':
    case 'bigint':
      return String(value)
    default:
      return null
  }
}
