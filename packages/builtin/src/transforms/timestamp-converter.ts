import {
  type ConfigDef,
  type ConfigOf,
  ConnectError,
  dataError,
  oneOf,
  type Schema,
  schema,
  type Transform,
  type Value,
} from '@isthmus/sdk'
import { atField, kindOf } from '@isthmus/sdk/data'
import { type JavaDateFormat, javaClassOf, javaDateFormat, javaTrim } from '@isthmus/sdk/java'
import { copyOf, entryOf, setEntry } from './field-map.ts'
import { replaceNull } from './replace-null.ts'
import { type Fields, requireMap, requireStruct, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { basicsOf } from './struct-fields.ts'
import { sameFields, structMaker } from './struct-maker.ts'
import {
  msOfDate,
  msOfUnix,
  schemaOfType,
  type TimestampType,
  timestampTypeOf,
  type UnixPrecision,
  unixOfMs,
  unknownType,
} from './timestamp-types.ts'

const PURPOSE = 'converting timestamp formats'
const DAY_MS = 86_400_000

const config = {
  field: {
    type: 'string',
    default: '',
    importance: 'high',
    doc: 'The field with the time; empty when the whole key or value is one.',
  },
  'target.type': {
    type: 'string',
    validate: oneOf('string', 'unix', 'Date', 'Time', 'Timestamp'),
    importance: 'high',
    doc: 'What the time becomes: string, unix, Date, Time or Timestamp.',
  },
  format: {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'The pattern of java.text.SimpleDateFormat by which strings are written and read.',
  },
  'unix.precision': {
    type: 'string',
    default: 'milliseconds',
    validate: oneOf('nanoseconds', 'microseconds', 'milliseconds', 'seconds'),
    importance: 'low',
    doc: 'The unit in which numbers count. What is finer than a millisecond is lost.',
  },
  ...replaceNull,
} as const satisfies ConfigDef

type Parsed = ConfigOf<typeof config>

function formatOf({ format, 'target.type': target }: Parsed): JavaDateFormat | null {
  if (javaTrim(format) === '') {
    if (target !== 'string') return null
    throw new ConnectError(
      'config',
      'TimestampConverter requires format option to be specified when using string timestamps',
    )
  }
  try {
    return javaDateFormat(format)
  } catch (cause) {
    throw new ConnectError(
      'config',
      `Invalid value java.lang.IllegalArgumentException: ${(cause as Error).message} for configuration ` +
        `TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${format}`,
      { cause },
    )
  }
}

/** Epoch milliseconds of a value of some form. */
function readerFor(format: JavaDateFormat | null, precision: UnixPrecision) {
  const fromText = (value: Value): number => {
    if (typeof value !== 'string')
      throw dataError(`Expected string timestamp to be a String, but found class ${javaClassOf(value)}`)
    if (format === null)
      throw dataError(`TimestampConverter needs its option format to read the string ${value}`)
    const ms = format.parse(value)
    if (ms === null)
      throw dataError(
        `Could not parse timestamp: value (${value}) does not match pattern (${format.pattern})`,
      )
    if (Number.isNaN(ms)) throw dataError(`The timestamp ${value} is beyond the range of dates`)
    return ms
  }
  return (value: Value, type: TimestampType): number => {
    if (type === 'string') return fromText(value)
    if (type !== 'unix') return msOfDate(value, type)
    if (typeof value !== 'bigint' && (typeof value !== 'number' || kindOf(value) !== 'int64'))
      throw dataError(`Expected Unix timestamp to be a Long, but found class ${javaClassOf(value)}`)
    return msOfUnix(value, precision)
  }
}

function writerFor(
  target: TimestampType,
  format: JavaDateFormat | null,
  precision: UnixPrecision,
): (ms: number) => Value {
  switch (target) {
    case 'string':
      return (ms) => format?.format(ms) ?? ''
    case 'unix':
      return (ms) => unixOfMs(ms, precision)
    case 'Date':
      return (ms) => new Date(Math.floor(ms / DAY_MS) * DAY_MS)
    case 'Time':
      return (ms) => new Date(((ms % DAY_MS) + DAY_MS) % DAY_MS)
    case 'Timestamp':
      return (ms) => new Date(ms)
  }
}

/** The form of a value without a schema. */
function inferredType(value: Value): TimestampType {
  switch (kindOf(value)) {
    case 'date':
      return 'Timestamp'
    case 'int64':
      return 'unix'
    case 'string':
      return 'string'
  }
  throw dataError(`TimestampConverter does not support class ${javaClassOf(value)} objects as timestamps`)
}

function open(parsed: Parsed, side: Side): Transform {
  const { field } = parsed
  const target = parsed['target.type'] as TimestampType
  const precision = parsed['unix.precision'] as UnixPrecision
  const format = formatOf(parsed)
  const read = readerFor(format, precision)
  const write = writerFor(target, format, precision)

  const convert = (value: Value): Value => (value === null ? null : write(read(value, inferredType(value))))
  const convertOf = (given: Schema): ((value: Value) => Value) => {
    const type = timestampTypeOf(given)
    return (value) => {
      if (type === null) throw unknownType(given)
      return value === null ? null : write(read(value, type))
    }
  }

  const wholeOf = schemaMemo((given) => ({
    schema: schemaOfType(target, given.optional),
    convert: convertOf(given),
  }))
  const structOf = schemaMemo((given) => {
    const fields = sameFields(requireStructSchema(given), parsed['replace.null.with.default']).map((made) =>
      made.name === field
        ? { ...made, schema: schemaOfType(target, made.schema.optional), change: convertOf(made.schema) }
        : made,
    )
    const make = structMaker(fields)
    const { default: fallback } = given
    const made = schema.struct(
      fields.map(({ name, schema }) => ({ name, schema })),
      {
        ...basicsOf(given),
        ...(given.optional && { optional: true }),
        ...(fallback !== undefined && fallback !== null && { default: make(fallback as Fields) }),
      },
    )
    return { schema: made, make }
  })

  return {
    apply(record) {
      const given = side.valueOf(record)
      const givenSchema = side.schemaOf(record)
      if (givenSchema === null) {
        if (given === null || field === '') return side.changed(record, null, convert(given))
        const map = requireMap(given, PURPOSE)
        const changed = copyOf(map)
        try {
          setEntry(changed, field, convert(entryOf(map, field)))
        } catch (error) {
          throw atField(error, field)
        }
        return side.changed(record, null, changed)
      }
      if (field === '') {
        const whole = wholeOf(givenSchema)
        return side.changed(record, whole.schema, whole.convert(given))
      }
      const struct = given === null ? null : requireStruct(givenSchema, given, PURPOSE)
      const plan = structOf(givenSchema)
      return side.changed(record, plan.schema, struct === null ? null : plan.make(struct))
    },
  }
}

export const { key: TimestampConverterKey, value: TimestampConverterValue } = onEitherSide(
  'TimestampConverter',
  config,
  open,
)
