import { ConnectError, type ConverterPlugin, dataError, type Schema, schema, type Value } from '@isthmus/sdk'
import { kindOf, type TypedNumber } from '@isthmus/sdk/data'
import { javaClassOf } from '@isthmus/sdk/java'
import { asConverter, asHeaderConverter, type BothWays } from '../both-ways.ts'
import { converterType, VERSION } from '../converter-type.ts'

const numberConfig = { 'converter.type': converterType } as const

interface NumberFormat {
  /** `Integer` of IntegerConverter. */
  readonly name: string
  readonly kind: 'int16' | 'int32' | 'int64' | 'float32' | 'float64'
  readonly size: 2 | 4 | 8
  write(view: DataView, value: number | bigint): void
  read(view: DataView): number | bigint
}

/** The kind that Java's class would be: the schema tells it for plain numbers only. */
function kindUnder(from: Schema | null, value: Value): string {
  return typeof value === 'number' && from !== null && /^(int|float)/.test(from.type)
    ? from.type
    : kindOf(value)
}

const numberIn = (value: Value): number | bigint =>
  typeof value === 'object' ? (value as TypedNumber).number : (value as number | bigint)

function openNumber({ name, kind, size, write, read }: NumberFormat): BothWays {
  const optional = schema[kind]({ optional: true })
  return {
    write(from, value) {
      if (value === null || value === undefined) return null
      if (kindUnder(from, value) !== kind)
        throw dataError(
          `Failed to serialize to ${name.toLowerCase()} (was class ${javaClassOf(value, from)}): `,
        )
      const bytes = new Uint8Array(size)
      write(new DataView(bytes.buffer), numberIn(value))
      return bytes
    },
    read(bytes) {
      if (bytes === null) return { schema: optional, value: null }
      if (bytes.length !== size)
        throw new ConnectError('data', `Failed to deserialize ${name.toLowerCase()}: `, {
          cause: new Error(`Size of data received by ${name}Deserializer is not ${size}`),
        })
      return { schema: optional, value: read(new DataView(bytes.buffer, bytes.byteOffset, size)) }
    },
  }
}

const converter = (format: NumberFormat): ConverterPlugin<typeof numberConfig> => ({
  type: 'converter',
  class: `org.apache.kafka.connect.converters.${format.name}Converter`,
  version: VERSION,
  config: numberConfig,
  open: () => asConverter(openNumber(format)),
  openHeader: () => asHeaderConverter(openNumber(format)),
})

export const ShortConverter = converter({
  name: 'Short',
  kind: 'int16',
  size: 2,
  write: (view, value) => view.setInt16(0, Number(value)),
  read: (view) => view.getInt16(0),
})
export const IntegerConverter = converter({
  name: 'Integer',
  kind: 'int32',
  size: 4,
  write: (view, value) => view.setInt32(0, Number(value)),
  read: (view) => view.getInt32(0),
})
export const LongConverter = converter({
  name: 'Long',
  kind: 'int64',
  size: 8,
  write: (view, value) => view.setBigInt64(0, BigInt(value)),
  read: (view) => view.getBigInt64(0),
})
export const FloatConverter = converter({
  name: 'Float',
  kind: 'float32',
  size: 4,
  write: (view, value) => view.setFloat32(0, Number(value)),
  read: (view) => view.getFloat32(0),
})
export const DoubleConverter = converter({
  name: 'Double',
  kind: 'float64',
  size: 8,
  write: (view, value) => view.setFloat64(0, Number(value)),
  read: (view) => view.getFloat64(0),
})
