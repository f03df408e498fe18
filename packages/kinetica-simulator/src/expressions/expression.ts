import type { Column } from '../columns/column.ts'
import type { Row } from '../columns/row-bytes.ts'
import type { Value } from '../columns/value.ts'
import { Refusal, refusal } from '../refusal.ts'
import { type Token, tokensOf } from './tokens.ts'

/** What an expression says of a row: true, false, or neither, where a null is compared. */
type Truth = boolean | null
type Condition = (row: Row) => Truth

/** A column or a constant that is compared. */
type Operand = { readonly column: Column; readonly index: number } | { readonly constant: NonNullable<Value> }

/**
 * A condition on rows: comparisons of columns and constants (`=`, `<>`, `<`, `<=`, `>`, `>=`), `IS [NOT] NULL`, `[NOT] IN (…)`,
 * `[NOT] BETWEEN … AND …`, with `AND`, `OR`, `NOT` and parentheses. Names may be in double quotes, strings in single or double ones.
 * Throws a Refusal for anything else. A comparison with null is not satisfied, and neither is its negation.
 */
export function parseExpression(text: string, columns: readonly Column[]): (row: Row) => boolean {
  if (text.trim() === '') return () => true
  const parser: Parser = { text, columns, tokens: tokensOf(text), at: 0 }
  const condition = either(parser)
  if (peek(parser).kind !== 'end') throw invalid(parser)
  return (row) => condition(row) === true
}

interface Parser {
  readonly text: string
  readonly columns: readonly Column[]
  readonly tokens: readonly Token[]
  at: number
}

const END: Token = { kind: 'end', text: '' }
const peek = (parser: Parser): Token => parser.tokens[parser.at] ?? END

function invalid(parser: Parser): Refusal {
  const { kind, text } = peek(parser)
  return refusal(
    `Invalid expression '${parser.text}': ${kind === 'end' ? 'it ends early' : `at '${text}'`}`,
    'E/Ex:502',
  )
}

/** Goes past one of these words or signs, if it is next. */
function accept(parser: Parser, ...texts: readonly string[]): string | null {
  const { kind, text } = peek(parser)
  const word = text.toLowerCase()
  if ((kind !== 'word' && kind !== 'sign') || !texts.includes(word)) return null
  parser.at++
  return word
}

function demand(parser: Parser, text: string): void {
  if (accept(parser, text) === null) throw invalid(parser)
}

function either(parser: Parser): Condition {
  const first = both(parser)
  if (accept(parser, 'or', '||') === null) return first
  const second = either(parser)
  return (row) => {
    const left = first(row)
    if (left === true) return true
    const right = second(row)
    return right === true ? true : left === null || right === null ? null : false
  }
}

function both(parser: Parser): Condition {
  const first = negated(parser)
  if (accept(parser, 'and', '&&') === null) return first
  const second = both(parser)
  return (row) => {
    const left = first(row)
    if (left === false) return false
    const right = second(row)
    return right === false ? false : left === null || right === null ? null : true
  }
}

const not =
  (condition: Condition): Condition =>
  (row) => {
    const truth = condition(row)
    return truth === null ? null : !truth
  }

function negated(parser: Parser): Condition {
  if (accept(parser, 'not', '!') !== null) return not(negated(parser))
  if (accept(parser, '(') === null) return comparison(parser)
  const inner = either(parser)
  demand(parser, ')')
  return inner
}

function comparison(parser: Parser): Condition {
  const left = operand(parser)
  if (accept(parser, 'is') !== null) {
    const negative = accept(parser, 'not') !== null
    demand(parser, 'null')
    return (row) => (valueIn(left, row) === null) !== negative
  }
  const negative = accept(parser, 'not') !== null
  const condition = negative ? ranged(parser, left) : (rangedIfNext(parser, left) ?? compared(parser, left))
  return negative ? not(condition) : condition
}

const rangedIfNext = (parser: Parser, left: Operand): Condition | null =>
  ['in', 'between'].includes(peek(parser).text.toLowerCase()) ? ranged(parser, left) : null

/** `IN (…)` and `BETWEEN … AND …`. */
function ranged(parser: Parser, left: Operand): Condition {
  if (accept(parser, 'between') !== null) {
    const low = operand(parser)
    demand(parser, 'and')
    const high = operand(parser)
    const above = compare('>=', left, low)
    const below = compare('<=', left, high)
    return (row) => {
      const truths = [above(row), below(row)]
      return truths.includes(false) ? false : truths.includes(null) ? null : true
    }
  }
  demand(parser, 'in')
  demand(parser, '(')
  const members = [compare('=', left, operand(parser))]
  while (accept(parser, ',') !== null) members.push(compare('=', left, operand(parser)))
  demand(parser, ')')
  return (row) => {
    const truths = members.map((member) => member(row))
    return truths.includes(true) ? true : truths.includes(null) ? null : false
  }
}

function compared(parser: Parser, left: Operand): Condition {
  const operator = accept(parser, '=', '==', '<>', '!=', '<', '<=', '>', '>=')
  if (operator === null) throw invalid(parser)
  return compare(operator, left, operand(parser))
}

function operand(parser: Parser): Operand {
  const { kind, text } = peek(parser)
  const sign = accept(parser, '-', '+')
  if (sign !== null) {
    const number = peek(parser)
    if (number.kind !== 'number') throw invalid(parser)
    parser.at++
    return { constant: numberOf(`${sign === '-' ? '-' : ''}${number.text}`) }
  }
  if (kind === 'sign' || kind === 'end') throw invalid(parser)
  parser.at++
  if (kind === 'number') return { constant: numberOf(text) }
  if (kind === 'string') return { constant: text }
  const index = parser.columns.findIndex(({ name }) => name === text)
  const column = parser.columns[index]
  if (column !== undefined) return { column, index }
  if (kind === 'quoted') return { constant: text }
  throw refusal(`Invalid expression '${parser.text}': unknown column '${text}'`, 'E/Ex:503')
}

const numberOf = (text: string): number | bigint => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text))

const valueIn = (side: Operand, row: Row): Value =>
  'constant' in side ? side.constant : (row[side.index] ?? null)

const truths: { readonly [operator: string]: (order: number) => boolean } = {
  '=': (order) => order === 0,
  '==': (order) => order === 0,
  '<>': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

/** Both sides are ordered as the column orders its values; of two columns, as the left one does. */
function compare(operator: string, left: Operand, right: Operand): Condition {
  const column = 'column' in left ? left.column : 'column' in right ? right.column : null
  const order = column === null ? (value: NonNullable<Value>) => value : orderOf(column)
  const holds = truths[operator] ?? (() => false)
  const sides = [left, right].map((side) => {
    if (!('constant' in side)) return side
    return { constant: order(side.constant) }
  })
  const keyed = (side: Operand, row: Row): Value => {
    const value = valueIn(side, row)
    return value === null || 'constant' in side ? value : order(value)
  }
  const [first = left, second = right] = sides
  return (row) => {
    const a = keyed(first, row)
    const b = keyed(second, row)
    return a === null || b === null ? null : holds(orderValues(a, b))
  }
}

/** The order of a column's values, for constants too: one of a type that cannot be compared with the column is refused. */
function orderOf(column: Column): (value: NonNullable<Value>) => NonNullable<Value> {
  const textual = column.base === 'string'
  return (value) => {
    try {
      const key = column.meaning.order(
        textual && typeof value !== 'string' && column.base === 'string' ? String(value) : value,
      )
      if (!textual && column.base !== 'bytes' && typeof key === 'string')
        throw new Refusal('a number is compared with a string')
      return key
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw refusal(`Invalid comparison with column '${column.name}': ${error.message}`, 'E/Ex:504')
    }
  }
}

/** Negative, zero or positive, as the first value is before, with or behind the second. */
export function orderValues(a: NonNullable<Value>, b: NonNullable<Value>): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : a > b ? 1 : 0
}
