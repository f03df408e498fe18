import {
  ConnectError,
  type ConverterPlugin,
  codeOf,
  type Schema,
  type SchemaAndValue,
  type Value,
} from '@isthmus/sdk'
import { asConverter, asHeaderConverter, type BothWays } from '../both-ways.ts'
import { VERSION } from '../converter-type.ts'
import { type JsonConfig, jsonConfig } from './config.ts'
import { parseExact, schemalessReader } from './decode.ts'
import { envelopeReader, schemaReader } from './envelope.ts'
import { schemaFromJson, schemaJson } from './schema.ts'
import { compileWrite, type Write, type WriteOptions } from './write.ts'

const NOTHING: SchemaAndValue = { schema: null, value: null }

interface CompiledSchema {
  /** What goes before the payload. */
  readonly prefix: string
  readonly write: Write
}

function openJson(config: JsonConfig): BothWays {
  const enveloped = config['schemas.enable']
  const deserialize = enveloped ? schemaDeserializer(config) : schemalessDeserializer()
  return {
    write: serializer(config, enveloped),
    read: (bytes) => (bytes === null ? NOTHING : deserialize(bytes)),
  }
}

function serializer(
  config: JsonConfig,
  enveloped: boolean,
): (schema: Schema | null, value: Value) => string | null {
  const options: WriteOptions = {
    replaceNullWithDefault: config['replace.null.with.default'],
    decimalFormat: config['decimal.format'].toUpperCase() as 'BASE64' | 'NUMERIC',
  }
  const compile = (schema: Schema | null): CompiledSchema => ({
    prefix: enveloped ? `{"schema":${schemaJson(schema, options)},"payload":` : '',
    write: compileWrite(schema, options),
  })
  const withoutSchema = compile(null)
  const compiled = new WeakMap<Schema, CompiledSchema>()
  const suffix = enveloped ? '}' : ''
  return (schema, value) => {
    if (schema === null && (value === null || value === undefined)) return null
    let writer = schema === null ? withoutSchema : compiled.get(schema)
    if (writer === undefined) {
      writer = compile(schema)
      if (schema !== null) compiled.set(schema, writer)
    }
    return writer.prefix + writer.write(value) + suffix
  }
}

function schemalessDeserializer(): (bytes: Uint8Array) => SchemaAndValue {
  const read = schemalessReader()
  return (bytes) => ({ schema: null, value: read(bytes) })
}

function schemaDeserializer(config: JsonConfig): (bytes: Uint8Array) => SchemaAndValue {
  const replaceNullWithDefault = config['replace.null.with.default']
  const content = config['schema.content']
  const fixed = content === null || content === '' ? null : schemaOfContent(content, replaceNullWithDefault)
  if (fixed === null)
    return envelopeReader({ cacheSize: config['schemas.cache.size'], replaceNullWithDefault })
  const { read } = schemaReader(fixed, replaceNullWithDefault)
  return (bytes) => ({ schema: fixed, value: read(bytes, 0, bytes.length) })
}

function schemaOfContent(content: string, replaceNullWithDefault: boolean): Schema | null {
  try {
    return schemaFromJson(parseExact(content), replaceNullWithDefault)
  } catch (cause) {
    if (codeOf(cause) !== 'data' || (cause as Error).cause === undefined) throw cause
    throw new ConnectError(
      'data',
      'Failed to parse schema in converter config due to serialization error: ',
      {
        cause,
      },
    )
  }
}

export const JsonConverter: ConverterPlugin<typeof jsonConfig> = {
  type: 'converter',
  class: 'org.apache.kafka.connect.json.JsonConverter',
  version: VERSION,
  config: jsonConfig,
  open: (config) => asConverter(openJson(config)),
  openHeader: (config) => asHeaderConverter(openJson(config)),
}
