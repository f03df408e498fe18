import { type ConverterPlugin, dataError, schema } from '@isthmus/sdk'
import { javaClassOf } from '@isthmus/sdk/java'
import { asConverter, asHeaderConverter, type BothWays } from '../both-ways.ts'
import { converterType, VERSION } from '../converter-type.ts'

const bytesConfig = { 'converter.type': converterType } as const
const SCHEMA = schema.bytes({ optional: true })

const openBytes = (): BothWays => ({
  write(from, value) {
    if (from !== null && from.type !== 'bytes')
      throw dataError(`Invalid schema type for ByteArrayConverter: ${from.type.toUpperCase()}`)
    if (value === null || value === undefined || value instanceof Uint8Array) return value ?? null
    throw dataError(
      `ByteArrayConverter is not compatible with objects of type class ${javaClassOf(value, from)}`,
    )
  },
  // A copy: the bytes of a record are a view of the whole fetched batch.
  read: (bytes) => ({ schema: SCHEMA, value: bytes === null ? null : new Uint8Array(bytes) }),
})

/** Passes bytes on as they are. */
export const ByteArrayConverter: ConverterPlugin<typeof bytesConfig> = {
  type: 'converter',
  class: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  version: VERSION,
  config: bytesConfig,
  open: () => asConverter(openBytes()),
  openHeader: () => asHeaderConverter(openBytes()),
}
