import type { Schema, SchemaAndValue } from '@isthmus/sdk'
import { parseString } from '@isthmus/sdk/data'
import type { ReadHeader } from '../objects/read.ts'

const BYTES: Schema = Object.freeze({ type: 'bytes', optional: true })
const NOTHING: SchemaAndValue = Object.freeze({ schema: null, value: null })

/** Text as the value that it most likely stands for: the worker's default header converter makes the same text of that. */
const asText: ReadHeader = (bytes) => {
  if (bytes === null) return NOTHING
  try {
    return parseString(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
  } catch {
    // only text that nests too deep gets here
    return { schema: BYTES, value: bytes }
  }
}

const asBytes: ReadHeader = (value) => ({ schema: BYTES, value })

/** How header values are read: as the bytes they are where the connector's own `header.converter` wants bytes, else as text. */
export const headerReader = (headerConverter: string | undefined): ReadHeader =>
  headerConverter !== undefined && /(^|\.)ByteArrayConverter$/.test(headerConverter.trim()) ? asBytes : asText
