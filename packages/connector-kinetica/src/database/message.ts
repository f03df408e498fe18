import { AvroReader } from './avro-reader.ts'
import { AvroWriter } from './avro-writer.ts'
import type { EncodedRows, Fields, RequestFields, Shape } from './endpoints.ts'

type Message = { readonly [name: string]: unknown }

/** A request in Avro, by the fields of its endpoint. */
export function encodeMessage(fields: RequestFields, message: Message): Uint8Array {
  const writer = new AvroWriter()
  for (const [name, shape] of Object.entries(fields)) {
    if (shape === 'rows') writeRows(writer, message[name] as EncodedRows)
    else write(writer, shape, message[name])
  }
  return writer.view()
}

/** An answer in Avro, by the fields of its endpoint. */
export function decodeMessage(fields: Fields, bytes: Uint8Array): Message {
  const reader = new AvroReader(bytes)
  const message: { [name: string]: unknown } = {}
  for (const [name, shape] of Object.entries(fields)) message[name] = read(reader, shape)
  return message
}

interface Codec {
  readonly write: (writer: AvroWriter, value: never) => void
  readonly read: (reader: AvroReader) => unknown
}

const integer: Codec = {
  write: (writer, value: number) => writer.int(value),
  read: (reader) => reader.int(),
}

const codecs: { readonly [S in Extract<Shape, string>]: Codec } = {
  string: { write: (writer, value: string) => writer.string(value), read: (reader) => reader.string() },
  boolean: { write: (writer, value: boolean) => writer.boolean(value), read: (reader) => reader.boolean() },
  int: integer,
  long: integer,
  double: { write: (writer, value: number) => writer.double(value), read: (reader) => reader.double() },
  bytes: { write: (writer, value: Uint8Array) => writer.bytes(value), read: (reader) => reader.bytes() },
}

function writeRows(writer: AvroWriter, { count, bytes }: EncodedRows): void {
  if (count > 0) writer.int(count)
  writer.raw(bytes)
  writer.int(0)
}

function write(writer: AvroWriter, shape: Shape, value: unknown): void {
  if (typeof shape === 'string') {
    codecs[shape].write(writer, value as never)
    return
  }
  const entries = 'array' in shape ? (value as readonly unknown[]) : Object.entries(value as Message)
  if (entries.length > 0) writer.int(entries.length)
  for (const entry of entries) {
    if ('array' in shape) write(writer, shape.array, entry)
    else {
      const [key, item] = entry as [string, unknown]
      writer.string(key)
      write(writer, shape.map, item)
    }
  }
  writer.int(0)
}

function read(reader: AvroReader, shape: Shape): unknown {
  if (typeof shape === 'string') return codecs[shape].read(reader)
  if ('array' in shape) {
    const items: unknown[] = []
    reader.items(() => items.push(read(reader, shape.array)))
    return items
  }
  const entries: (readonly [string, unknown])[] = []
  reader.items(() => entries.push([reader.string(), read(reader, shape.map)]))
  // fromEntries makes `__proto__` an entry like any other
  return Object.fromEntries(entries)
}
