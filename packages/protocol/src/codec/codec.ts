import { ByteReader, ByteWriter, MalformedError } from './bytes.ts'
import type {
  AnswerOf,
  Api,
  Field,
  Fields,
  Message,
  Partially,
  PrimitiveType,
  ReceivedOf,
  RequestOf,
  ResponseOf,
} from './fields.ts'
import { NO_UUID } from './fields.ts'

interface Plan<T> {
  readonly write: (writer: ByteWriter, value: T) => void
  readonly read: (reader: ByteReader) => T
}
// biome-ignore lint/suspicious/noExplicitAny: a plan is made from a table at run time; `Message` types its edge
type Data = any

const fixed: { readonly [T in Exclude<PrimitiveType, 'string' | 'bytes'>]: Plan<Data> } = {
  bool: { write: (w, v) => w.int8(v ? 1 : 0), read: (r) => r.int8() !== 0 },
  int8: { write: (w, v) => w.int8(v), read: (r) => r.int8() },
  int16: { write: (w, v) => w.int16(v), read: (r) => r.int16() },
  int32: { write: (w, v) => w.int32(v), read: (r) => r.int32() },
  int64: { write: (w, v) => w.int64(v), read: (r) => r.int64() },
  uint16: { write: (w, v) => w.uint16(v), read: (r) => r.uint16() },
  uint32: { write: (w, v) => w.uint32(v), read: (r) => r.uint32() },
  float64: { write: (w, v) => w.float64(v), read: (r) => r.float64() },
  uuid: { write: (w, v) => w.uuid(v), read: (r) => r.uuid() },
}

/** Null is -1 here, whatever its spelling on the wire. */
interface Length {
  readonly write: (writer: ByteWriter, length: number) => void
  readonly read: (reader: ByteReader) => number
}
const int16Length: Length = { write: (w, n) => w.int16(n), read: (r) => r.int16() }
const int32Length: Length = { write: (w, n) => w.int32(n), read: (r) => r.int32() }
const compactLength: Length = { write: (w, n) => w.uvarint(n + 1), read: (r) => r.uvarint() - 1 }

const zero: { readonly [T in Field['type']]: unknown } = {
  bool: false,
  int8: 0,
  int16: 0,
  int32: 0,
  int64: 0,
  uint16: 0,
  uint32: 0,
  float64: 0,
  uuid: NO_UUID,
  string: '',
  bytes: Buffer.alloc(0),
  array: Object.freeze([]),
  struct: undefined,
}

const isNullable = (field: Field, version: number) => version >= (field.nullable ?? Infinity)
const hasField = (field: Field, version: number) =>
  version >= (field.from ?? 0) && version <= (field.to ?? Infinity)

function defaultOf(field: Field): unknown {
  if (field.default !== undefined) return field.default
  if (field.type === 'struct') {
    const value: Record<string, unknown> = {}
    for (const [name, inner] of Object.entries(field.fields ?? {})) value[name] = defaultOf(inner)
    return Object.freeze(value) // shared by all messages that lack the field
  }
  return zero[field.type]
}

function planOf(field: Field, version: number, flexible: boolean): Plan<Data> {
  const nullable = isNullable(field, version)
  switch (field.type) {
    case 'string': {
      const length = flexible ? compactLength : int16Length
      return {
        write(w, v) {
          if (v === null) return writeNull(w, length, nullable)
          const size = Buffer.byteLength(v)
          if (!flexible && size > 0x7fff)
            throw new RangeError(`String of ${size} bytes is too long for the protocol`)
          length.write(w, size)
          w.utf8(v, size)
        },
        read(r) {
          const size = length.read(r)
          return size < 0 ? readNull(nullable) : r.utf8(size)
        },
      }
    }
    case 'bytes': {
      const length = flexible ? compactLength : int32Length
      return {
        write(w, v) {
          if (v === null) return writeNull(w, length, nullable)
          length.write(w, v.length)
          w.raw(v)
        },
        read(r) {
          const size = length.read(r)
          return size < 0 ? readNull(nullable) : r.raw(size)
        },
      }
    }
    case 'array': {
      const length = flexible ? compactLength : int32Length
      const element = planOf(field.element as Field, version, flexible)
      return {
        write(w, v) {
          if (v === null) return writeNull(w, length, nullable)
          length.write(w, v.length)
          for (const item of v) element.write(w, item)
        },
        read(r) {
          const size = length.read(r)
          if (size < 0) return readNull(nullable)
          // an element has at least one byte, so a count beyond the rest of the frame is a lie
          if (size > r.remaining)
            throw new MalformedError(`Array of ${size} elements in ${r.remaining} bytes`)
          const items: unknown[] = []
          for (let i = 0; i < size; i++) items.push(element.read(r))
          return items
        },
      }
    }
    case 'struct': {
      const plan = structPlan(field.fields as Fields, version, flexible)
      if (!nullable) return plan
      return {
        write(w, v) {
          w.int8(v === null ? -1 : 1)
          if (v !== null) plan.write(w, v)
        },
        read: (r) => (r.int8() < 0 ? null : plan.read(r)),
      }
    }
    default:
      return fixed[field.type]
  }
}

/** A tagged field with its default is left out, as Java does, so that equal messages are equal bytes. */
function isUnset(value: Data, fallback: unknown): boolean {
  return value === undefined || value === fallback || (Array.isArray(fallback) && value?.length === 0)
}

function writeNull(w: ByteWriter, length: Length, nullable: boolean): void {
  if (!nullable) throw new TypeError('null in a field that this version of the message requires')
  length.write(w, -1)
}
function readNull(nullable: boolean): null {
  if (!nullable) throw new MalformedError('null in a field that this version of the message requires')
  return null
}

function structPlan(fields: Fields, version: number, flexible: boolean): Plan<Data> {
  const known = Object.entries(fields)
  const plain: { name: string; plan: Plan<Data>; fallback: unknown }[] = []
  const tagged: { name: string; tag: number; plan: Plan<Data>; fallback: unknown }[] = []
  const absent = known
    .filter(([, f]) => !hasField(f, version))
    .map(([name, f]) => ({ name, value: defaultOf(f) }))
  for (const [name, field] of known) {
    if (!hasField(field, version)) continue
    const entry = { name, plan: planOf(field, version, flexible), fallback: defaultOf(field) }
    if (field.tag === undefined) plain.push(entry)
    else tagged.push({ ...entry, tag: field.tag })
  }
  tagged.sort((a, b) => a.tag - b.tag)

  return {
    write(w, value) {
      for (const { name, plan, fallback } of plain) {
        const v = value[name]
        plan.write(w, v === undefined ? fallback : v)
      }
      if (flexible) writeTagged(w, value)
    },
    read(r) {
      const value: Record<string, unknown> = {}
      for (const { name, plan } of plain) value[name] = plan.read(r)
      for (const { name, fallback } of tagged) value[name] = fallback
      for (const { name, value: fallback } of absent) value[name] = fallback
      if (flexible) readTagged(r, value)
      return value
    },
  }

  function writeTagged(w: ByteWriter, value: Data): void {
    const present = tagged.length === 0 ? tagged : tagged.filter((t) => !isUnset(value[t.name], t.fallback))
    w.uvarint(present.length)
    for (const { name, tag, plan } of present) {
      const section = new ByteWriter()
      plan.write(section, value[name])
      w.uvarint(tag)
      w.uvarint(section.length)
      for (const part of section.finish()) w.raw(part)
    }
  }
  function readTagged(r: ByteReader, value: Record<string, unknown>): void {
    for (let count = r.uvarint(); count > 0; count--) {
      const tag = r.uvarint()
      const size = r.uvarint()
      const at = r.take(size)
      const entry = tagged.find((t) => t.tag === tag)
      if (entry) value[entry.name] = entry.plan.read(new ByteReader(r.buffer, at, at + size))
    }
  }
}

const plans = new WeakMap<Fields, Map<number, Plan<Data>>>()
/** Plans are made once per message and version. */
function messagePlan(fields: Fields, version: number, flexible: boolean): Plan<Data> {
  let versions = plans.get(fields)
  if (!versions) {
    versions = new Map()
    plans.set(fields, versions)
  }
  const key = version * 2 + (flexible ? 1 : 0)
  let plan = versions.get(key)
  if (!plan) {
    plan = structPlan(fields, version, flexible)
    versions.set(key, plan)
  }
  return plan
}

/** Encodes a message that is not an API's: group metadata, internal topic records. */
export function encode<F extends Fields>(
  fields: F,
  version: number,
  value: Partially<Message<F>>,
  flexible = false,
): Buffer {
  const w = new ByteWriter(128)
  messagePlan(fields, version, flexible).write(w, value)
  const parts = w.finish()
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}
/** Decodes what `encode` wrote. Trailing bytes are ignored, as newer writers may append fields. */
export function decode<F extends Fields>(
  fields: F,
  version: number,
  buffer: Buffer,
  flexible = false,
): Message<F> {
  return messagePlan(fields, version, flexible).read(new ByteReader(buffer))
}

/** A whole request frame, length prefix included, as buffers to write in order. */
export function encodeRequest<A extends Api>(
  api: A,
  version: number,
  correlationId: number,
  clientId: string | null,
  body: RequestOf<A>,
): Buffer[] {
  const flexible = version >= api.flexible
  const w = new ByteWriter()
  w.int16(api.key)
  w.int16(version)
  w.int32(correlationId)
  if (clientId === null) w.int16(-1)
  else {
    const size = Buffer.byteLength(clientId)
    w.int16(size)
    w.utf8(clientId, size)
  }
  if (flexible) w.uvarint(0)
  messagePlan(api.request, version, flexible).write(w, body)
  return framed(w)
}

/** Where a response body begins: after the correlation id, and the header's tags in flexible versions. */
export function decodeResponse<A extends Api>(api: A, version: number, frame: Buffer): ResponseOf<A> {
  const r = new ByteReader(frame, 4)
  // ApiVersions is answered with the old header, so that a client can read any broker's refusal (KIP-511)
  if (version >= api.flexible && api.key !== 18) skipTags(r)
  return messagePlan(api.response, version, version >= api.flexible).read(r)
}

export interface RequestHeader {
  readonly key: number
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
}

/** Reads the part of a request header that every version has; the body is read once the API is known. */
export function decodeRequestHeader(reader: ByteReader): RequestHeader {
  const key = reader.int16()
  const version = reader.int16()
  const correlationId = reader.int32()
  const size = reader.int16()
  return { key, version, correlationId, clientId: size < 0 ? null : reader.utf8(size) }
}

/** Reads a request body; `reader` stands behind the client id. */
export function decodeRequest<A extends Api>(api: A, version: number, reader: ByteReader): ReceivedOf<A> {
  const flexible = version >= api.flexible
  if (flexible) skipTags(reader)
  return messagePlan(api.request, version, flexible).read(reader)
}

/** A whole response frame, length prefix included. */
export function encodeResponse<A extends Api>(
  api: A,
  version: number,
  correlationId: number,
  body: AnswerOf<A>,
): Buffer[] {
  const flexible = version >= api.flexible
  const w = new ByteWriter()
  w.int32(correlationId)
  if (flexible && api.key !== 18) w.uvarint(0)
  messagePlan(api.response, version, flexible).write(w, body)
  return framed(w)
}

function framed(w: ByteWriter): Buffer[] {
  const length = Buffer.allocUnsafe(4)
  length.writeInt32BE(w.length)
  return [length, ...w.finish()]
}

function skipTags(r: ByteReader): void {
  for (let count = r.uvarint(); count > 0; count--) {
    r.uvarint()
    r.take(r.uvarint())
  }
}
