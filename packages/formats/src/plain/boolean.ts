import { ConnectError, type ConverterPlugin, dataError, schema } from '@isthmus/sdk'
import { javaClassOf } from '@isthmus/sdk/java'
import { asConverter, asHeaderConverter, type BothWays } from '../both-ways.ts'
import { converterType, VERSION } from '../converter-type.ts'

const booleanConfig = { 'converter.type': converterType } as const
const SCHEMA = schema.boolean({ optional: true })

const openBoolean = (): BothWays => ({
  write(from, value) {
    if (from !== null && from.type !== 'boolean')
      throw dataError(`Invalid schema type for BooleanConverter: ${from.type.toUpperCase()}`)
    if (value === null || value === undefined) return null
    if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0)
    throw dataError(
      `BooleanConverter is not compatible with objects of type class ${javaClassOf(value, from)}`,
    )
  },
  read(bytes) {
    if (bytes === null) return { schema: SCHEMA, value: null }
    const [byte] = bytes
    if (bytes.length === 1 && (byte === 0 || byte === 1)) return { schema: SCHEMA, value: byte === 1 }
    throw new ConnectError('data', 'Failed to deserialize boolean: ', {
      cause: new Error(
        bytes.length === 1
          ? `Unexpected byte received by BooleanDeserializer: ${byte}`
          : 'Size of data received by BooleanDeserializer is not 1',
      ),
    })
  },
})

/** One byte, 0 or 1. */
export const BooleanConverter: ConverterPlugin<typeof booleanConfig> = {
  type: 'converter',
  class: 'org.apache.kafka.connect.converters.BooleanConverter',
  version: VERSION,
  config: booleanConfig,
  open: () => asConverter(openBoolean()),
  openHeader: () => asHeaderConverter(openBoolean()),
}
