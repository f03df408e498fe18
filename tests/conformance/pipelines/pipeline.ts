/** A document of the JsonConverter with schemas; the payload is JSON text, so that each digit is as written. */
export const data = (schema: object | null, payload: string): string =>
  `{"schema":${JSON.stringify(schema)},"payload":${payload}}`

/** What ReplaySource hands out; key, value and headers are made by `data`. What is not said is null. */
export interface Replayed {
  readonly topic?: string
  readonly partition?: number
  readonly timestamp?: number
  readonly key?: string
  readonly value?: string
  readonly headers?: readonly (readonly [string, string])[]
}

/** What lies in a topic. Text stands for its UTF-8 bytes. */
export interface Raw {
  readonly partition?: number
  readonly timestamp?: number
  readonly key?: string | Uint8Array | null
  readonly value: string | Uint8Array | null
  readonly headers?: readonly (readonly [string, string | Uint8Array | null])[]
}

type Props = { readonly [name: string]: string }

interface PipelineBase {
  /** Unique, and part of the names of its connector and topics. */
  readonly name: string
  /** Beside connector class, file and topics. In all texts `{id}` is the run's own, `{dir}` its folder. */
  readonly config: Props
  /** Java's hash maps give entries in another order than ours: compared as JSON, without order. */
  readonly unordered?: true
}
/** Records of any schema → transforms → converters → topics. */
export interface ReplayPipeline extends PipelineBase {
  readonly from: 'replay'
  readonly records: readonly Replayed[]
  /** Of the topic that records go to unless they or a transform say otherwise. */
  readonly partitions?: number
}
/** Lines of a file → transforms → converters → topics. */
export interface FilePipeline extends PipelineBase {
  readonly from: 'file'
  readonly text: string
}
/** Bytes in a topic → converters → transforms → file, and the dead letters. */
export interface SinkPipeline extends PipelineBase {
  readonly from: 'topic'
  readonly records: readonly Raw[]
}
export type Pipeline = ReplayPipeline | FilePipeline | SinkPipeline

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter'

/** Key and value with schemas, headers as the worker has them. */
export const ENVELOPES: Props = { 'key.converter': JSON_CONVERTER, 'value.converter': JSON_CONVERTER }
export const PLAIN_JSON: Props = {
  ...ENVELOPES,
  'key.converter.schemas.enable': 'false',
  'value.converter.schemas.enable': 'false',
}
export const STRINGS: Props = { 'key.converter': STRING_CONVERTER, 'value.converter': STRING_CONVERTER }
export const JSON_HEADERS: Props = { 'header.converter': JSON_CONVERTER }

const TRANSFORMS = 'org.apache.kafka.connect.transforms.'

/** The properties of a chain; each step is its class (without the package) and properties, `predicate` an alias made by `predicates`. */
export function chain(...steps: readonly (readonly [string, Props?])[]): Props {
  const props: { [name: string]: string } = { transforms: steps.map((_, index) => `t${index}`).join(',') }
  for (const [index, [type, more = {}]] of steps.entries()) {
    props[`transforms.t${index}.type`] = TRANSFORMS + type
    for (const [name, value] of Object.entries(more)) props[`transforms.t${index}.${name}`] = value
  }
  return props
}

export function predicates(all: { readonly [alias: string]: readonly [string, Props?] }): Props {
  const props: { [name: string]: string } = { predicates: Object.keys(all).join(',') }
  for (const [alias, [type, more = {}]] of Object.entries(all)) {
    props[`predicates.${alias}.type`] = `${TRANSFORMS}predicates.${type}`
    for (const [name, value] of Object.entries(more)) props[`predicates.${alias}.${name}`] = value
  }
  return props
}

export const struct = (fields: { readonly [name: string]: object | string }, more: object = {}) => ({
  type: 'struct',
  fields: Object.entries(fields).map(([field, schema]) => ({
    field,
    ...(typeof schema === 'string' ? { type: schema, optional: false } : schema),
  })),
  optional: false,
  ...more,
})
export const optional = (type: string, more: object = {}) => ({ type, optional: true, ...more })
export const required = (type: string, more: object = {}) => ({ type, optional: false, ...more })
const logical = (name: string, type: string, more: object = {}) =>
  required(type, { name: `org.apache.kafka.connect.data.${name}`, version: 1, ...more })
export const DECIMAL = (scale: number, more: object = {}) =>
  logical('Decimal', 'bytes', { parameters: { scale: String(scale) }, ...more })
export const DATE = (more: object = {}) => logical('Date', 'int32', more)
export const TIME = (more: object = {}) => logical('Time', 'int32', more)
export const TIMESTAMP = (more: object = {}) => logical('Timestamp', 'int64', more)
