import { dataError, type Schema, type SchemaAndValue, type Value } from '@isthmus/sdk'
import { asBuffer } from '../as-buffer.ts'
import {
  documentText,
  type ExactJson,
  parseExact,
  parsing,
  schemalessFromText,
  schemalessReader,
  stretchText,
} from './decode.ts'
import { envelopeParts, parseJson } from './parse.ts'
import { compileRead, NEEDS_EXACT, type Read } from './read.ts'
import { RepeatingReader } from './repeating.ts'
import { schemaFromJson } from './schema.ts'

/** How data of one schema is read; `exactly` turns true at the first number that needs its text, and stays. */
export interface SchemaReader {
  readonly schema: Schema | null
  /** A whole document, or the stretch of it that is the payload. */
  read(bytes: Uint8Array, from: number, to: number): Value
}

export function schemaReader(schema: Schema | null, replaceNullWithDefault: boolean): SchemaReader {
  if (schema === null) return { schema, read: schemalessReader() }
  const plain = compileRead(schema, { replaceNullWithDefault, exact: false })
  const repeating = new RepeatingReader({ typed: false, readNumber: Number })
  let exact: Read | null = null
  const readExactly = (text: string): Value => {
    exact ??= compileRead(schema, { replaceNullWithDefault, exact: true })
    return exact(parseExact(text))
  }
  return {
    schema,
    read(bytes, from, to) {
      if (exact !== null) return readExactly(stretchText(bytes, from, to))
      let json: unknown = repeating.read(asBuffer(bytes), from, to)
      if (json === undefined) {
        try {
          json = JSON.parse(stretchText(bytes, from, to))
        } catch {
          return readExactly(stretchText(bytes, from, to))
        }
      }
      try {
        return plain(json)
      } catch (error) {
        if (error !== NEEDS_EXACT) throw error
        return readExactly(stretchText(bytes, from, to))
      }
    },
  }
}

interface KnownPrefix {
  /** The bytes from the first brace up to the payload. */
  readonly bytes: Buffer
  readonly reader: SchemaReader
}

/** So many schemas in turn are told apart by comparing bytes; beyond that, envelopes are parsed whole. */
const PREFIXES = 16
const CLOSING_BRACE = 0x7d

/**
 * Reads envelopes. Producers repeat the schema byte for byte in every record, so the bytes up to the payload are remembered with
 * their reader: such a record costs one comparison and the parsing of its payload.
 */
export function envelopeReader(options: {
  readonly cacheSize: number
  readonly replaceNullWithDefault: boolean
}): (bytes: Uint8Array) => SchemaAndValue {
  const readers = new Map<string, SchemaReader>()
  const prefixes: KnownPrefix[] = []

  function readerOf(key: string, schemaOf: () => ExactJson): SchemaReader {
    const known = readers.get(key)
    const reader =
      known ??
      schemaReader(schemaFromJson(schemaOf(), options.replaceNullWithDefault), options.replaceNullWithDefault)
    readers.delete(key)
    readers.set(key, reader)
    if (readers.size > options.cacheSize) for (const oldest of readers.keys()) return dropped(oldest, reader)
    return reader
  }
  function dropped(key: string, reader: SchemaReader): SchemaReader {
    readers.delete(key)
    return reader
  }

  /** Null when the bytes do not begin with a known prefix, or what follows is no payload by itself. */
  function readKnown(bytes: Buffer): SchemaAndValue | null {
    if (bytes[bytes.length - 1] !== CLOSING_BRACE) return null
    for (let index = 0; index < prefixes.length; index++) {
      const prefix = prefixes[index]
      if (prefix === undefined || !startsWith(bytes, prefix.bytes)) continue
      if (index > 0) {
        prefixes.splice(index, 1)
        prefixes.unshift(prefix)
      }
      const { schema, read } = prefix.reader
      return { schema, value: read(bytes, prefix.bytes.length, bytes.length - 1) }
    }
    return null
  }

  function readWhole(bytes: Buffer): SchemaAndValue {
    const text = documentText(bytes)
    const envelope = parsing(() => parseJson(text, Number)) as { readonly [name: string]: unknown } | null
    if (!isEnvelope(envelope))
      throw dataError(
        'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. ' +
          'If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.',
      )
    const key = JSON.stringify(envelope['schema'])
    const exactly = () => parseExact(text) as { readonly [name: string]: ExactJson }
    const reader = readerOf(key, () => exactly()['schema'] ?? null)
    remember(text, key, reader)
    if (reader.schema === null) {
      const whole = schemalessFromText(text) as { readonly [name: string]: Value }
      return { schema: null, value: whole['payload'] ?? null }
    }
    const read = compileRead(reader.schema, { ...options, exact: true })
    return { schema: reader.schema, value: read(exactly()['payload']) }
  }

  function remember(text: string, key: string, reader: SchemaReader): void {
    const parts = envelopeParts(text)
    if (parts === null) return
    // An envelope may repeat a name; the last one counts, so the first must be looked at before it is trusted.
    const schemaText = text.slice(parts.schemaAt, parts.schemaEnd)
    if (JSON.stringify(parsing(() => parseJson(schemaText, Number))) !== key) return
    prefixes.unshift({ bytes: Buffer.from(text.slice(0, parts.payloadAt)), reader })
    if (prefixes.length > Math.min(PREFIXES, options.cacheSize)) prefixes.pop()
  }

  return (bytes) => {
    const buffer = asBuffer(bytes)
    try {
      const known = readKnown(buffer)
      if (known !== null) return known
    } catch {
      // What looked like the payload may be more than that, or is bad: the whole document decides.
    }
    return readWhole(buffer)
  }
}

const startsWith = (bytes: Buffer, prefix: Buffer): boolean =>
  bytes.length > prefix.length && prefix.compare(bytes, 0, prefix.length) === 0

const isEnvelope = (json: unknown): json is { readonly [name: string]: unknown } =>
  typeof json === 'object' &&
  json !== null &&
  !Array.isArray(json) &&
  Object.keys(json).length === 2 &&
  Object.hasOwn(json, 'schema') &&
  Object.hasOwn(json, 'payload')
