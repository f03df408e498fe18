import { dataError, type Header, type Schema, type SinkRecord, type Value } from '@isthmus/sdk'
import { convertToString } from '@isthmus/sdk/data'
import { javaClassOf } from '@isthmus/sdk/java'
import { OBJECT_BYTES, type ObjectMemory } from './memory.ts'

const VERSION = 0
const VERSION_BYTES = 4
/** Offset, timestamp, the sizes of key and value, the number of headers. */
const RECORD_BYTES = 28
/** The sizes of its name and its value. */
const HEADER_BYTES = 8
const NOTHING = -1
const WORD = 2 ** 32

/** A header's value as it is written; a text stands for its UTF-8 bytes. */
type HeaderValue = Uint8Array | string | null
const NO_VALUES: readonly HeaderValue[] = []

/**
 * An object of a backup in the making (format 0): records of one topic-partition one behind the other, in a buffer that grows with them.
 * All integers are big-endian and signed.
 */
export class ObjectWriter {
  readonly #memory: ObjectMemory
  #buffer: Buffer
  #view: DataView
  #length = VERSION_BYTES
  #start = NOTHING
  #end = NOTHING
  #records = 0

  /** `expected`: how large it will probably become, in bytes. */
  constructor(memory: ObjectMemory, expected = 0) {
    this.#memory = memory
    this.#buffer = memory.take(Math.min(expected, OBJECT_BYTES))
    this.#view = new DataView(this.#buffer.buffer)
    this.#view.setInt32(0, VERSION)
  }

  /** Offset of the first record; -1 without records. */
  get start(): number {
    return this.#start
  }
  /** Offset of the last record; -1 without records. */
  get end(): number {
    return this.#end
  }
  get records(): number {
    return this.#records
  }
  /** How much memory it takes. */
  get capacity(): number {
    return this.#buffer.length
  }
  /** The object as it stands; a view of the writer's memory. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  /**
   * Writes a record behind the others; false when the object would become too large with it: the record belongs into the next one then. A
   * record that a backup cannot hold is a `data` error, and nothing of it is written.
   */
  append(record: SinkRecord): boolean {
    const key = bytesOf(record, 'key', record.keySchema, record.key)
    const value = bytesOf(record, 'value', record.valueSchema, record.value)
    const { headers, originalKafkaOffset: offset } = record
    const values = headers.length === 0 ? NO_VALUES : headers.map((header) => headerValueOf(record, header))
    let size = RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0)
    for (let i = 0; i < headers.length; i++)
      size += HEADER_BYTES + Buffer.byteLength((headers[i] as Header).key) + sizeOf(values[i] as HeaderValue)
    if (this.#records > 0 && this.#length + size > OBJECT_BYTES) return false

    this.#reserve(size)
    const view = this.#view
    const at = this.#length
    this.#long(at, offset)
    this.#long(at + 8, record.timestamp ?? -1)
    view.setInt32(at + 16, key?.length ?? -1)
    view.setInt32(at + 20, value?.length ?? -1)
    view.setInt32(at + 24, headers.length)
    this.#length = at + RECORD_BYTES
    if (key !== null) this.#bytes(key)
    if (value !== null) this.#bytes(value)
    for (let i = 0; i < headers.length; i++) {
      this.#sized((headers[i] as Header).key)
      this.#sized(values[i] as HeaderValue)
    }
    if (this.#records === 0) this.#start = offset
    this.#end = offset
    this.#records++
    return true
  }

  /** Takes the records from this offset on out again. */
  truncate(offset: number): void {
    let at = VERSION_BYTES
    let end = NOTHING
    let records = 0
    while (at < this.#length) {
      const read = this.#view.getInt32(at) * WORD + this.#view.getUint32(at + 4)
      if (read >= offset) break
      end = read
      records++
      at = this.#behind(at)
    }
    this.#length = at
    this.#end = end
    this.#records = records
    if (records === 0) this.#start = NOTHING
  }

  /** Where the record that begins here ends. */
  #behind(record: number): number {
    const view = this.#view
    let at = record + RECORD_BYTES
    at += Math.max(view.getInt32(record + 16), 0) + Math.max(view.getInt32(record + 20), 0)
    for (let header = 2 * view.getInt32(record + 24); header > 0; header--)
      at += 4 + Math.max(view.getInt32(at), 0)
    return at
  }

  #reserve(size: number): void {
    const needed = this.#length + size
    if (needed <= this.#buffer.length) return
    const larger = this.#memory.take(needed)
    larger.set(this.bytes())
    this.#memory.giveBack(this.#buffer.buffer)
    this.#buffer = larger
    this.#view = new DataView(larger.buffer)
  }

  #long(at: number, value: number): void {
    this.#view.setInt32(at, Math.floor(value / WORD))
    this.#view.setInt32(at + 4, value | 0)
  }

  #bytes(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #sized(value: HeaderValue): void {
    const at = this.#length
    this.#length = at + 4
    if (value === null) this.#view.setInt32(at, -1)
    else {
      if (typeof value === 'string') this.#length += this.#buffer.write(value, at + 4)
      else this.#bytes(value)
      this.#view.setInt32(at, this.#length - at - 4)
    }
  }
}

const sizeOf = (value: HeaderValue): number => {
  if (value === null) return 0
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length
}

function bytesOf(
  record: SinkRecord,
  part: 'key' | 'value',
  schema: Schema | null,
  value: Value,
): Uint8Array | null {
  if (schema === null || schema.type === 'bytes') {
    if (value === null || value === undefined) return null
    if (value instanceof Uint8Array) return value
  }
  const what =
    schema === null || schema.type === 'bytes'
      ? `an instance of ${javaClassOf(value, schema)}`
      : `of type ${schema.type.toUpperCase()}`
  throw dataError(
    `The ${part} of the record of ${placeOf(record)} is ${what}, where a backup takes bytes alone: set ${part}.converter=org.apache.kafka.connect.converters.ByteArrayConverter for the connector, and leave out transforms that change the type`,
  )
}

/** As Java's SimpleHeaderConverter writes them, but for bytes, which stay what they are. */
function headerValueOf(record: SinkRecord, { key, schema, value }: Header): HeaderValue {
  if (value instanceof Uint8Array) return value
  try {
    return convertToString(schema, value)
  } catch (cause) {
    const why = (cause as Error).message
    throw dataError(`Header '${key}' of the record of ${placeOf(record)} cannot be written: ${why}`, {
      cause,
    })
  }
}

const placeOf = (record: SinkRecord): string =>
  `${record.originalTopic}-${record.originalKafkaPartition} at offset ${record.originalKafkaOffset}`
