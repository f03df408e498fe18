import type { Converters, NamedConverter } from '@isthmus/runtime/converters'
import type { Converter, Headers, Props, SchemaAndValue } from '@isthmus/sdk'
import { ConnectError } from '@isthmus/sdk'
import { bytesOfJson, type JsonData, jsonOfBytes, parseExactly } from './json-record.ts'
import { shownOf } from './text.ts'

type Bytes = Uint8Array | string | null

/** How keys or values of records are shown, and written: as they are, or through a converter. */
export interface DataFormat {
  /** For a person. */
  text(topic: string, bytes: Uint8Array | null): Promise<string | null> | string | null
  json(topic: string, bytes: Uint8Array | null): Promise<JsonData> | JsonData
  /** What a person typed. */
  ofText(topic: string, text: Uint8Array): Promise<Bytes> | Bytes
  ofJson(topic: string, data: JsonData): Promise<Bytes> | Bytes
}

/** Without a converter. */
export const plainFormat = (role: 'key' | 'value'): DataFormat => ({
  text: (_, bytes) => (bytes === null ? null : shownOf(bytes)),
  json: (_, bytes) => ({ payload: jsonOfBytes(bytes), schema: null }),
  ofText: (_, text) => text,
  ofJson: (_, { payload }) => bytesOfJson(role, payload),
})

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter'
const BYTES_CONVERTER = 'org.apache.kafka.connect.converters.ByteArrayConverter'
/** What a number or truth value is to those that take one kind only. */
const KINDS: { readonly [name: string]: string } = {
  'org.apache.kafka.connect.converters.ShortConverter': 'int16',
  'org.apache.kafka.connect.converters.IntegerConverter': 'int32',
  'org.apache.kafka.connect.converters.LongConverter': 'int64',
  'org.apache.kafka.connect.converters.FloatConverter': 'float',
  'org.apache.kafka.connect.converters.DoubleConverter': 'double',
  'org.apache.kafka.connect.converters.BooleanConverter': 'boolean',
}
const NO_HEADERS: Headers = []

/** Through the converter of that name. JSON stands for data here as the JsonConverter has it. */
export async function convertedFormat(
  converters: Converters,
  role: 'key' | 'value',
  name: string,
  props: Props,
): Promise<DataFormat> {
  const [named, plain, enveloped] = await Promise.all([
    converters.open(role, name, props),
    converters.open(role, JSON_CONVERTER, { 'schemas.enable': 'false' }),
    converters.open(role, JSON_CONVERTER, { 'schemas.enable': 'true' }),
  ])
  const { converter } = named
  const jsonText = async (topic: string, { schema, value }: SchemaAndValue): Promise<string | null> =>
    textual(await plain.converter.fromConnectData(topic, schema, value, NO_HEADERS))
  return {
    async text(topic, bytes) {
      const data = await converter.toConnectData(topic, bytes, NO_HEADERS)
      if (data.value === null) return null
      if (typeof data.value === 'string') return data.value
      return data.value instanceof Uint8Array ? shownOf(data.value) : jsonText(topic, data)
    },
    async json(topic, bytes) {
      const { schema, value } = await converter.toConnectData(topic, bytes, NO_HEADERS)
      const text = textual(await enveloped.converter.fromConnectData(topic, schema, value, NO_HEADERS))
      return text === null ? { payload: null, schema: null } : (parseExactly(text) as JsonData)
    },
    async ofText(topic, text) {
      const { schema, value } = await typed(
        named,
        { plain: plain.converter, enveloped: enveloped.converter },
        topic,
        text,
      )
      return await converter.fromConnectData(topic, schema, value, NO_HEADERS)
    },
    async ofJson(topic, { payload, schema: shape }) {
      const envelope = Buffer.from(JSON.stringify({ schema: shape, payload }))
      const { schema, value } = await enveloped.converter.toConnectData(topic, envelope, NO_HEADERS)
      return await converter.fromConnectData(topic, schema, value, NO_HEADERS)
    },
  }
}

/** What was typed, as data: JSON where it is some, and else text. Converters of text, bytes and numbers take it as such. */
async function typed(
  named: NamedConverter,
  json: { readonly plain: Converter; readonly enveloped: Converter },
  topic: string,
  text: Uint8Array,
): Promise<SchemaAndValue> {
  if (named.class === BYTES_CONVERTER) return { schema: null, value: text }
  const asText = { schema: null, value: Buffer.from(text).toString('utf8') }
  if (named.class === STRING_CONVERTER) return asText
  const type = KINDS[named.class]
  if (type !== undefined) {
    const envelope = Buffer.from(`{"schema":{"type":"${type}"},"payload":${asText.value}}`)
    try {
      return await json.enveloped.toConnectData(topic, envelope, NO_HEADERS)
    } catch (cause) {
      throw new ConnectError('data', `'${asText.value}' is no ${type}`, { cause })
    }
  }
  try {
    return await json.plain.toConnectData(topic, text, NO_HEADERS)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'data') throw error
    return asText
  }
}

const textual = (bytes: Bytes): string | null =>
  bytes === null || typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')

/** The formats of keys and values, as the command line names their converters. */
export interface Formats extends AsyncDisposable {
  readonly key: DataFormat
  readonly value: DataFormat
}

/** A converter and its properties, as the command line gives them. */
export interface ConverterOptions {
  readonly key: { readonly name: string | undefined; readonly props: Props }
  readonly value: { readonly name: string | undefined; readonly props: Props }
  readonly 'plugin.path': readonly string[] | null
}

/** Looks through plugins only where a converter is named. */
export async function openFormats(options: ConverterOptions, signal: AbortSignal): Promise<Formats> {
  for (const role of ['key', 'value'] as const)
    if (options[role].name === undefined && Object.keys(options[role].props).length > 0)
      throw new ConnectError('config', `--${role}-converter.* are given, but no --${role}-converter.`)
  if (options.key.name === undefined && options.value.name === undefined)
    return { key: plainFormat('key'), value: plainFormat('value'), async [Symbol.asyncDispose]() {} }
  const { openConverters } = await import('@isthmus/runtime/converters')
  const say = (message: string): void => void process.stderr.write(`${message}\n`)
  const log = { debug() {}, info() {}, warn: say, error: say }
  const converters = await openConverters({ path: options['plugin.path'], log, signal })
  try {
    const of = (role: 'key' | 'value') => {
      const { name, props } = options[role]
      return name === undefined ? plainFormat(role) : convertedFormat(converters, role, name, props)
    }
    const [key, value] = await Promise.all([of('key'), of('value')])
    return { key, value, [Symbol.asyncDispose]: () => converters[Symbol.asyncDispose]() }
  } catch (error) {
    await converters[Symbol.asyncDispose]()
    throw error
  }
}
