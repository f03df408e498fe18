/**
 * The endpoints of Kinetica that the connectors call, and what each takes and answers: in Avro field by field in the order of the wire,
 * in JSON what is read of an answer, which has more. The types of requests and answers follow from the table, and so does their encoding.
 */

/** A field's type, as Avro has it. */
export type Shape =
  | 'string'
  | 'boolean'
  | 'int'
  | 'long'
  | 'double'
  | 'bytes'
  | { readonly array: Shape }
  | { readonly map: Shape }

export type Fields = { readonly [name: string]: Shape }
/** Of requests: `rows` is an array of bytes that has been encoded already. */
export type RequestFields = { readonly [name: string]: Shape | 'rows' }

/** Rows as they stand in an Avro array: each with its length before it. */
export interface EncodedRows {
  readonly count: number
  readonly bytes: Uint8Array
}

type ValueOf<S> = S extends 'string'
  ? string
  : S extends 'boolean'
    ? boolean
    : S extends 'int' | 'long' | 'double'
      ? number
      : S extends 'bytes'
        ? Uint8Array
        : S extends 'rows'
          ? EncodedRows
          : S extends { readonly array: infer Item }
            ? readonly ValueOf<Item>[]
            : S extends { readonly map: infer Item }
              ? { readonly [key: string]: ValueOf<Item> }
              : never

interface EndpointRecord {
  /** How the request and its answer are encoded: rows are exact and small in Avro, all else is readable as JSON. */
  readonly encoding: 'json' | 'avro'
  readonly request: RequestFields
  readonly response: Fields
}

const strings = { array: 'string' } as const
const texts = { map: 'string' } as const
const properties = { map: strings } as const

export const endpoints = {
  '/show/system/properties': {
    encoding: 'json',
    request: { options: texts },
    response: { property_map: texts },
  },
  '/show/table': {
    encoding: 'json',
    request: { table_name: 'string', options: texts },
    response: {
      table_descriptions: { array: strings },
      type_schemas: strings,
      properties: { array: properties },
    },
  },
  '/has/table': {
    encoding: 'json',
    request: { table_name: 'string', options: texts },
    response: { table_exists: 'boolean' },
  },
  '/has/schema': {
    encoding: 'json',
    request: { schema_name: 'string', options: texts },
    response: { schema_exists: 'boolean' },
  },
  '/create/schema': {
    encoding: 'json',
    request: { schema_name: 'string', options: texts },
    response: {},
  },
  '/create/type': {
    encoding: 'json',
    request: { type_definition: 'string', label: 'string', properties, options: texts },
    response: { type_id: 'string' },
  },
  '/create/table': {
    encoding: 'json',
    request: { table_name: 'string', type_id: 'string', options: texts },
    response: {},
  },
  '/alter/table/columns': {
    encoding: 'json',
    request: { table_name: 'string', column_alterations: { array: texts }, options: texts },
    response: {},
  },
  '/insert/records': {
    encoding: 'avro',
    request: {
      table_name: 'string',
      list: 'rows',
      list_str: strings,
      list_encoding: 'string',
      options: texts,
    },
    response: { record_ids: strings, count_inserted: 'int', count_updated: 'int', info: texts },
  },
  '/get/records': {
    encoding: 'avro',
    request: { table_name: 'string', offset: 'long', limit: 'long', encoding: 'string', options: texts },
    response: {
      table_name: 'string',
      type_name: 'string',
      type_schema: 'string',
      records_binary: { array: 'bytes' },
      records_json: strings,
      total_number_of_records: 'long',
      has_more_records: 'boolean',
      info: texts,
    },
  },
  '/create/tablemonitor': {
    encoding: 'json',
    request: { table_name: 'string', options: texts },
    response: { topic_id: 'string' },
  },
  '/clear/tablemonitor': {
    encoding: 'json',
    request: { topic_id: 'string', options: texts },
    response: {},
  },
  '/show/tablemonitors': {
    encoding: 'json',
    request: { monitor_ids: strings, options: texts },
    response: { monitor_ids: strings },
  },
} as const satisfies { readonly [path: string]: EndpointRecord }

export type Endpoint = keyof typeof endpoints
export type RequestOf<E extends Endpoint> = {
  readonly [N in keyof (typeof endpoints)[E]['request']]: ValueOf<(typeof endpoints)[E]['request'][N]>
}
export type ResponseOf<E extends Endpoint> = {
  readonly [N in keyof (typeof endpoints)[E]['response']]: ValueOf<(typeof endpoints)[E]['response'][N]>
}
