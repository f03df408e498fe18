/**
 * The endpoints of Kinetica that the connectors call: what each takes and answers, field by field in the order of the wire. The
 * types of requests and answers follow from the table, and so does their encoding.
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
    response: { property_map: texts, info: texts },
  },
  '/show/table': {
    encoding: 'json',
    request: { table_name: 'string', options: texts },
    response: {
      table_name: 'string',
      table_names: strings,
      table_descriptions: { array: strings },
      type_ids: strings,
      type_schemas: strings,
      type_labels: strings,
      properties: { array: properties },
      additional_info: { array: texts },
      sizes: { array: 'long' },
      full_sizes: { array: 'long' },
      join_sizes: { array: 'double' },
      total_size: 'long',
      total_full_size: 'long',
      info: texts,
    },
  },
  '/has/table': {
    encoding: 'json',
    request: { table_name: 'string', options: texts },
    response: { table_name: 'string', table_exists: 'boolean', info: texts },
  },
  '/has/schema': {
    encoding: 'json',
    request: { schema_name: 'string', options: texts },
    response: { schema_name: 'string', schema_exists: 'boolean', info: texts },
  },
  '/create/schema': {
    encoding: 'json',
    request: { schema_name: 'string', options: texts },
    response: { schema_name: 'string', info: texts },
  },
  '/create/type': {
    encoding: 'json',
    request: { type_definition: 'string', label: 'string', properties, options: texts },
    response: { type_id: 'string', type_definition: 'string', label: 'string', properties, info: texts },
  },
  '/create/table': {
    encoding: 'json',
    request: { table_name: 'string', type_id: 'string', options: texts },
    response: { table_name: 'string', type_id: 'string', is_collection: 'boolean', info: texts },
  },
  '/alter/table/columns': {
    encoding: 'json',
    request: { table_name: 'string', column_alterations: { array: texts }, options: texts },
    response: {
      table_name: 'string',
      type_id: 'string',
      type_definition: 'string',
      properties,
      label: 'string',
      column_alterations: { array: texts },
      info: texts,
    },
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
    response: { topic_id: 'string', table_name: 'string', type_schema: 'string', info: texts },
  },
  '/clear/tablemonitor': {
    encoding: 'json',
    request: { topic_id: 'string', options: texts },
    response: { topic_id: 'string', info: texts },
  },
  '/show/tablemonitors': {
    encoding: 'json',
    request: { monitor_ids: strings, options: texts },
    response: {
      monitor_ids: strings,
      table_names: strings,
      events: strings,
      increasing_columns: strings,
      filter_expressions: strings,
      join_table_names: strings,
      join_column_names: strings,
      join_expressions: strings,
      refresh_method: strings,
      refresh_period: strings,
      refresh_start_time: strings,
      datasink_names: strings,
      max_consecutive_failures: { array: 'int' },
      failed_notifications_table_names: strings,
      statuses: strings,
      additional_info: { array: texts },
      info: texts,
    },
  },
} as const satisfies { readonly [path: string]: EndpointRecord }

export type Endpoint = keyof typeof endpoints
export type RequestOf<E extends Endpoint> = {
  readonly [N in keyof (typeof endpoints)[E]['request']]: ValueOf<(typeof endpoints)[E]['request'][N]>
}
export type ResponseOf<E extends Endpoint> = {
  readonly [N in keyof (typeof endpoints)[E]['response']]: ValueOf<(typeof endpoints)[E]['response'][N]>
}
