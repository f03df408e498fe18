import { Refusal, refusal } from '../refusal.ts'
import { type Meaning, meaningProperties, plainMeaning } from './meanings.ts'
import { type BaseType, baseTypes, show, type Value } from './value.ts'

/** A column of a type: what it is called, what it takes. */
export interface Column {
  readonly name: string
  readonly base: BaseType
  readonly nullable: boolean
  /** As the client wrote them. */
  readonly properties: readonly string[]
  readonly primaryKey: boolean
  readonly meaning: Meaning
}

/** Properties without influence on values, and the base types that may have them. */
const plainProperties: ReadonlyMap<string, readonly BaseType[]> = new Map<string, readonly BaseType[]>([
  ['data', baseTypes],
  ['store_only', baseTypes],
  ['disk_optimized', baseTypes],
  ['nullable', baseTypes],
  ['primary_key', ['int', 'long', 'float', 'double', 'string']],
  ['soft_primary_key', ['int', 'long', 'float', 'double', 'string']],
  ['shard_key', ['int', 'long', 'float', 'double', 'string']],
  ['text_search', ['string']],
  ['dict', ['int', 'long', 'string']],
  ['compress', baseTypes],
])

/** Properties by which the database would fill in values: here it does not, so they are refused. */
const unsupported: readonly string[] = ['init_with_now', 'init_with_uuid', 'update_with_now']

const columnName = /^[A-Za-z0-9_][A-Za-z0-9_{}[\]:.]{0,199}$/

/** A column; throws a Refusal for a name, a type or a property that Kinetica does not take. */
export function defineColumn(
  name: string,
  base: string,
  nullable: boolean,
  properties: readonly string[],
): Column {
  if (!columnName.test(name)) throw refusal(`Invalid column name: '${name}'`, 'T/Tc:101')
  if (!isBase(base)) throw refusal(`Column '${name}' has the unsupported type '${base}'`, 'T/Tc:102')
  if (properties.includes('nullable') && !nullable) {
    throw refusal(
      `Column '${name}' has the property 'nullable', but its type is no union of '${base}' and 'null'`,
      'T/Tc:103',
    )
  }
  const all = nullable && !properties.includes('nullable') ? [...properties, 'nullable'] : properties
  return {
    name,
    base,
    nullable,
    properties: all,
    primaryKey: all.includes('primary_key'),
    meaning: meaningOf(name, base, all),
  }
}

function meaningOf(name: string, base: BaseType, properties: readonly string[]): Meaning {
  const found: Meaning[] = []
  for (const property of properties) {
    const [, word = '', parameters = ''] = /^([a-z_0-9]+)(?:\((.*)\))?$/.exec(property.trim()) ?? []
    const meaning = meaningProperties.get(word)
    const allowed = meaning?.base ?? plainProperties.get(word)
    if (unsupported.includes(word)) {
      throw refusal(`Column '${name}': property '${property}' is not supported`, 'T/Tc:107')
    }
    if (allowed === undefined) throw refusal(`Column '${name}': unknown property '${property}'`, 'T/Tc:104')
    if (!allowed.includes(base)) {
      throw refusal(`Column '${name}' of type '${base}' cannot have the property '${property}'`, 'T/Tc:105')
    }
    const given = parameters.split(',').map((parameter) => parameter.trim())
    if (meaning !== undefined) found.push(meaning.meaning(given.filter((parameter) => parameter !== '')))
  }
  if (found.length > 1) {
    throw refusal(
      `Column '${name}' has properties that exclude each other: ${properties.join(', ')}`,
      'T/Tc:106',
    )
  }
  return found[0] ?? plainMeaning
}

export const isBase = (base: string): base is BaseType => (baseTypes as readonly string[]).includes(base)

/** The value as the column keeps it; throws a Refusal that names column and value. */
export function keep(column: Column, value: unknown, truncate: boolean): Value {
  if (value === null || value === undefined) {
    if (column.nullable) return null
    throw new Refusal(`Column '${column.name}' is not nullable, and its value is null`)
  }
  if (!fits[column.base](value)) {
    throw new Refusal(`Column '${column.name}' of type '${column.base}' cannot take ${show(value)}`)
  }
  try {
    return column.meaning.keep(value as NonNullable<Value>, truncate)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(`Column '${column.name}': value ${show(value)}: ${error.message}`)
  }
}

const fits: { readonly [base in BaseType]: (value: unknown) => boolean } = {
  int: (value) => typeof value === 'number' && (value | 0) === value,
  long: (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  float: (value) => typeof value === 'number',
  double: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  bytes: (value) => value instanceof Uint8Array,
}
