import { ConnectError, type Value } from '@isthmus/sdk'
import type { Column } from '../database/column.ts'

/** A column whose values grow with each insert, by which a table is read and its reading is resumed. */
export interface OrderColumn {
  readonly name: string
  /** A value as exact text, as it stands in offsets. */
  text(value: Value): string
  /** An expression for the rows with this value and those behind, or those behind alone; null: for all rows that have a value. */
  from(text: string | null, behindAlone: boolean): string
}

/** What may qualify an ordered column: anything else of these bases has another order than its text, or none. */
const QUALIFIERS =
  /^(?:primary_key|soft_primary_key|shard_key|timestamp|datetime|date|time|int8|int16|char\d+|text_search|data|dict|store_only|disk_optimized|init_with_now|init_with_uuid|update_with_now)$/

/** Words that mean something else in an expression. */
const KEYWORDS =
  /^(?:all|and|any|as|asc|between|by|case|cast|current_date|current_time|date|datetime|desc|distinct|else|end|exists|false|from|group|having|if|in|interval|is|like|limit|not|null|on|or|order|select|then|time|timestamp|true|union|user|when|where|xor)$/i

const isOf = (type: 'int' | 'long', text: string): boolean => {
  const bits = type === 'int' ? 32 : 64
  return /^-?\d{1,20}$/.test(text) && BigInt.asIntN(bits, BigInt(text)) === BigInt(text)
}

/** The least value that a column can have: of its type, or of a text that means something. */
function leastOf({ type, properties }: Column): string {
  if (type === 'int') return String(-(2 ** 31))
  if (type === 'long') return String(-(2n ** 63n))
  if (properties.includes('date')) return '1000-01-01'
  if (properties.includes('datetime')) return '1000-01-01 00:00:00.000'
  return properties.includes('time') ? '00:00:00.000' : ''
}

/** Throws where the table has no such column, or one that cannot order its rows. */
export function orderColumnOf(table: string, name: string, columns: readonly Column[]): OrderColumn {
  const column = columns.find((one) => one.name === name)
  if (column === undefined)
    throw refused(
      `Table ${table} has no column ${name}, which kinetica.order_column names; it has ${columns.map((one) => one.name).join(', ')}`,
    )
  const { type, properties } = column
  const unfit = properties.find((property) => !QUALIFIERS.test(property))
  if ((type !== 'int' && type !== 'long' && type !== 'string') || unfit !== undefined)
    throw refused(
      `Column ${name} of table ${table} cannot be its kinetica.order_column: it is ${[type, ...properties].join(', ')}, and rows are ordered by int, long (timestamp as well), and string (char, date, time, datetime) alone`,
    )
  const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEYWORDS.test(name)
  const quoted = plain ? name : `"${name.replaceAll('"', '""')}"`
  const isText = type === 'string'
  const least = leastOf(column)
  return {
    name,
    text(value) {
      if (value === null)
        throw refused(`A row of table ${table} has no value in ${name}, its kinetica.order_column`)
      return String(value)
    },
    // nulls satisfy no comparison, so the least value is asked for where all are wanted
    from(text, behindAlone) {
      const value = text ?? least
      if (!isText && !isOf(type, value))
        throw refused(
          `The offset of table ${table} names ${JSON.stringify(value)} as a value of ${name}, whose type is ${type}`,
        )
      return `${quoted} ${behindAlone ? '>' : '>='} ${isText ? `'${value.replaceAll("'", "''")}'` : value}`
    },
  }
}

const refused = (message: string): ConnectError => new ConnectError('connect', message)
