/** Columns of tables as the database describes them: an Avro record for the types, and beside it properties by column. */

export type BaseType = 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes'

export interface Column {
  readonly name: string
  readonly type: BaseType
  readonly nullable: boolean
  /** What the type is used for and how it is stored, such as `timestamp`, `char16`, `primary_key`; `nullable` is not among them. */
  readonly properties: readonly string[]
}

const baseTypes: ReadonlySet<unknown> = new Set<BaseType>([
  'int',
  'long',
  'float',
  'double',
  'string',
  'bytes',
])

type Properties = { readonly [column: string]: readonly string[] }

/** The columns of a type; throws an Error that names what it does not understand. `properties` is empty where the caller was told none. */
export function columnsOf(typeSchema: string, properties: Properties = {}): readonly Column[] {
  const record = JSON.parse(typeSchema) as {
    readonly fields?: readonly { readonly name: string; readonly type: unknown }[]
  }
  if (!Array.isArray(record.fields)) throw new Error(`the type has no fields: ${typeSchema}`)
  return record.fields.map(({ name, type }) => {
    const branches: readonly unknown[] = Array.isArray(type) ? type : [type]
    // a nullable column is a union of its type and null, in this order
    const [base, other] = branches
    const nullable = branches.length === 2 && other === 'null'
    if (!baseTypes.has(base) || (branches.length !== 1 && !nullable))
      throw new Error(`column ${name} has the type ${JSON.stringify(type)}, which Kinetica does not document`)
    const own = Object.hasOwn(properties, name) ? (properties[name] ?? []) : []
    return {
      name,
      type: base as BaseType,
      nullable,
      properties: own.filter((property) => property !== 'nullable'),
    }
  })
}

/** The Avro record that `/create/type` takes. */
export const typeDefinition = (columns: readonly Column[]): string =>
  JSON.stringify({
    type: 'record',
    name: 'type_name',
    fields: columns.map(({ name, type, nullable }) => ({ name, type: nullable ? [type, 'null'] : type })),
  })

/** All properties of a column, `nullable` among them. */
export const propertiesOf = ({ nullable, properties }: Column): readonly string[] =>
  nullable ? [...properties, 'nullable'] : properties

/** Properties by column, as `/create/type` takes them: columns without any are left out. */
export const typeProperties = (columns: readonly Column[]): Properties =>
  Object.fromEntries(
    columns
      .map((column) => [column.name, propertiesOf(column)] as const)
      .filter(([, properties]) => properties.length > 0),
  )
