import { markAsUntransferable } from 'node:worker_threads'
import { type ConverterPlugin, dataError, schema } from '@isthmus/sdk'
import { javaClassOf } from '@isthmus/sdk/java'
import { asConverter, asHeaderConverter, type BothWays } from '../both-ways.ts'
import { converterType, VERSION } from '../converter-type.ts'

const bytesConfig = { 'converter.type': converterType } as const
const SCHEMA = schema.bytes({ optional: true })

/** Copies of at most this share memory: one of their own costs several times what the copy does, and garbage collection too. */
const SHARED_UP_TO = 4 * 1024
const SHARED_BYTES = 64 * 1024

/** The bytes of a record are a view of the whole fetched batch, which would stay in memory as long as any of them. */
function openCopies(): (bytes: Uint8Array) => Uint8Array {
  let shared = new ArrayBuffer(0)
  let used = 0
  return (bytes) => {
    const { length } = bytes
    if (length > SHARED_UP_TO) return new Uint8Array(bytes)
    if (used + length > shared.byteLength) {
      shared = new ArrayBuffer(SHARED_BYTES)
      // a plugin that gives its record to another thread keeps the others
      markAsUntransferable(shared)
      used = 0
    }
    const copy = new Uint8Array(shared, used, length)
    copy.set(bytes)
    used += alignedUp(length)
    return copy
  }
}

const alignedUp = (length: number): number => (length + 7) & ~7

const openBytes = (copy = openCopies()): BothWays => ({
  write(from, value) {
    if (from !== null && from.type !== 'bytes')
      throw dataError(`Invalid schema type for ByteArrayConverter: ${from.type.toUpperCase()}`)
    if (value === null || value === undefined || value instanceof Uint8Array) return value ?? null
    throw dataError(
      `ByteArrayConverter is not compatible with objects of type class ${javaClassOf(value, from)}`,
    )
  },
  read: (bytes) => ({ schema: SCHEMA, value: bytes === null ? null : copy(bytes) }),
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
