import {
  type Decimal,
  decimal,
  type Schema,
  type SchemaAndValue,
  type SchemaOptions,
  schema,
  setField,
  type Value,
} from '@isthmus/sdk'
import { DATE, TIME, TIMESTAMP, typedNumber } from '@isthmus/sdk/data'

/** Data of any schema for tests: the same for the same seed. */
export interface AnyData {
  /** Below `limit`. */
  int(limit: number): number
  text(): string
  double(): number
  float(): number
  long(): bigint
  bytes(): Uint8Array
  schema(depth: number): Schema
  /** A value that the schema allows. */
  value(of: Schema): Value
  data(): SchemaAndValue
  /** A value that says its own type. */
  loose(depth: number): Value
}

const CHARACTERS = [
  'a',
  'Z',
  '0',
  ' ',
  '"',
  '\\',
  '/',
  '\n',
  '\u0000',
  '\u007f',
  'ü',
  '\u2028',
  '✓',
  '🚢',
  '\ufeff',
  '{',
  'e5',
  '.0',
  'null',
]
const NAMES = ['a', 'b.c', 'ü', 'toString', '__proto__', 'constructor', '1', '"', '']
const DOUBLES = [
  0,
  1,
  -1,
  0.1,
  1e-3,
  1e7,
  9_999_999,
  5e-324,
  1.7976931348623157e308,
  1e21,
  123_456_789.125,
  2 ** 53,
]

export function anyData(seed: number): AnyData {
  let state = seed >>> 0
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const int = (limit: number): number => next() % limit
  const chance = (oneIn: number): boolean => int(oneIn) === 0
  const pick = <T>(items: readonly T[]): T => items[int(items.length)] as T
  const times = <T>(most: number, make: (index: number) => T): T[] =>
    Array.from({ length: int(most + 1) }, (_, i) => make(i))

  const text = (): string => times(6, () => pick(CHARACTERS)).join('')
  const bytes = (): Uint8Array => Uint8Array.from(times(9, () => int(256)))
  const long = (): bigint => BigInt.asIntN(int(64) + 1, (BigInt(next()) << 32n) | BigInt(next()))
  const double = (): number => {
    if (chance(3)) return pick(DOUBLES) * (chance(2) ? 1 : -1) + 0
    const made = new Float64Array(Uint32Array.of(next(), next()).buffer)[0] ?? 0
    return Number.isFinite(made) ? made : int(1000) / 8
  }
  const float = (): number => Math.fround(new Float32Array(Uint32Array.of(next()).buffer)[0] ?? 0) + 0
  const wholeOf = (bits: number): number => {
    const [smallest, largest] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
    return chance(3) ? pick([smallest, largest, -1, 0]) : next() >> (32 - bits)
  }
  const number = (): Decimal => decimal(long() * (chance(3) ? long() : 1n), 3)

  const options = (): SchemaOptions => ({
    ...(chance(3) && { optional: true }),
    ...(chance(4) && { name: `n${text()}` }),
    ...(chance(4) && { version: int(9) }),
    ...(chance(6) && { doc: text() }),
    ...(chance(6) && { parameters: { p: text(), q: '' } }),
  })
  const names = (): string[] => [...new Set(times(6, () => pick(NAMES)))].filter((name) => name !== '')

  function bare(depth: number): Schema {
    switch (int(depth > 0 ? 16 : 13)) {
      case 0:
        return schema.int8(options())
      case 1:
        return schema.int16(options())
      case 2:
        return schema.int32(options())
      case 3:
        return schema.int64(options())
      case 4:
        return schema.float32(options())
      case 5:
        return schema.float64(options())
      case 6:
        return schema.boolean(options())
      case 7:
        return schema.bytes(options())
      case 8:
        return schema.decimal(3)
      case 9:
        return schema.date({ optional: chance(2) })
      case 10:
        return schema.time()
      case 11:
        return schema.timestamp()
      case 12:
        return schema.string(options())
      case 13:
        return schema.array(bare(depth - 1), options())
      case 14:
        return schema.map(
          pick([schema.string(), schema.int32(), schema.string({ optional: true })]),
          bare(depth - 1),
          options(),
        )
      default:
        return schema.struct(
          names().map((name) => ({ name, schema: bare(depth - 1) })),
          options(),
        )
    }
  }
  const withDefault = (plain: Schema): Schema =>
    chance(5) && plain.type !== 'struct' && plain.type !== 'map'
      ? { ...plain, default: present(plain) }
      : plain

  function present(of: Schema): Value {
    if (of.type === 'bytes' && of.parameters?.['scale'] !== undefined) return number()
    if (of.name === DATE) return new Date((int(100_000) - 50_000) * 86_400_000)
    if (of.name === TIME) return new Date(int(86_400_001))
    if (of.name === TIMESTAMP) return new Date(int(2 ** 32) * 1000 - 2 ** 41 + int(1000))
    switch (of.type) {
      case 'int8':
      case 'int16':
      case 'int32':
        return wholeOf(Number(of.type.slice(3)))
      case 'int64':
        return long()
      case 'float32':
        return float()
      case 'float64':
        return double()
      case 'boolean':
        return chance(2)
      case 'string':
        return text()
      case 'bytes':
        return bytes()
      case 'array':
        return times(4, () => valueIn(of.items as Schema))
      case 'map':
        return new Map(times(4, (index) => [keyOf(of.keys as Schema, index), valueIn(of.values as Schema)]))
      case 'struct': {
        const struct: { [name: string]: Value } = {}
        for (const field of of.fields) setField(struct, field.name, valueIn(field.schema))
        return struct
      }
    }
  }
  const keyOf = (keys: Schema, index: number): Value =>
    keys.type === 'string' ? `${pick(NAMES)}${index}` : index
  // null under a default reads back as the default
  const valueIn = (of: Schema): Value =>
    of.optional && of.default === undefined && chance(4) ? null : present(of)

  function loose(depth: number): Value {
    switch (int(depth > 0 ? 8 : 6)) {
      case 0:
        return null
      case 1:
        return chance(2)
      case 2:
        return text()
      case 3:
        return int(2 ** 31) - int(2 ** 31)
      case 4: {
        const whole = long()
        return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole
      }
      case 5: {
        const made = double()
        return Number.isSafeInteger(made) ? typedNumber('float64', made) : made
      }
      case 6:
        return times(4, () => loose(depth - 1))
      default: {
        const map: { [name: string]: Value } = {}
        for (const name of names()) setField(map, name, loose(depth - 1))
        return map
      }
    }
  }

  const schemaOf = (depth: number): Schema => withDefault(bare(depth))
  return {
    int,
    text,
    double,
    float,
    long,
    bytes,
    schema: schemaOf,
    value: valueIn,
    loose,
    data() {
      const made = schemaOf(3)
      return { schema: made, value: valueIn(made) }
    },
  }
}
