import avsc, { type Schema, type Type } from 'avsc'

/** A value of a message, as Avro has it. */
export type Message = { readonly [field: string]: unknown }

type Fields = { readonly [name: string]: Schema }

const record = (name: string, fields: Fields): Type =>
  avsc.Type.forSchema({
    type: 'record',
    name,
    fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
  })

const array = (items: Schema): Schema => ({ type: 'array', items })
const map = (values: Schema): Schema => ({ type: 'map', values })
const texts = array('string')
const textMap = map('string')
const columnProperties = map(texts)

/** What every endpoint answers with: how it went, and the answer proper, in Avro or in JSON. */
export const envelope = record('gpudb_response', {
  status: 'string',
  message: 'string',
  data_type: 'string',
  data: 'bytes',
  data_str: 'string',
})

/** The forms of request and response of an endpoint. */
export interface Exchange {
  readonly request: Type
  readonly response: Type
  readonly responseName: string
  /** The keys that `options` may have. */
  readonly options: readonly string[]
}

/** `name` is the endpoint's in messages: `show_table` of `/show/table`. All requests end with `options`, all responses with `info`. */
function exchange(
  name: string,
  request: Fields,
  response: Fields,
  options: readonly string[] = [],
): Exchange {
  return {
    request: record(`${name}_request`, { ...request, options: textMap }),
    response: record(`${name}_response`, { ...response, info: textMap }),
    responseName: `${name}_response`,
    options,
  }
}

const tableOfType: Fields = {
  type_id: 'string',
  type_definition: 'string',
  properties: columnProperties,
  label: 'string',
}

const tableOptions = [
  'no_error_if_exists',
  'create_temp_table',
  'collection_name',
  'is_collection',
  'disallow_homogeneous_tables',
  'is_replicated',
  'foreign_keys',
  'foreign_shard_key',
  'partition_type',
  'partition_keys',
  'partition_definitions',
  'is_automatic_partition',
  'ttl',
  'chunk_size',
  'chunk_column_max_memory',
  'chunk_max_memory',
  'is_result_table',
  'strategy_definition',
  'compression_codec',
  'load_vectors_policy',
  'build_pk_index_policy',
]

const insertOptions = [
  'update_on_existing_pk',
  'enable_inplace_updates',
  'ignore_existing_pk',
  'return_record_ids',
  'truncate_strings',
  'return_individual_errors',
  'allow_partial_batch',
  'dry_run',
]

const showTableOptions = [
  'dependencies',
  'force_synchronous',
  'get_access_data',
  'get_cached_sizes',
  'get_sizes',
  'no_error_if_not_exists',
  'show_children',
  'get_column_info',
  'skip_additional_info',
  'skip_temp_schemas',
]

/** The endpoints that speak in envelopes. */
export const exchanges: ReadonlyMap<string, Exchange> = new Map([
  ['/show/system/status', exchange('show_system_status', {}, { status_map: textMap })],
  [
    '/show/system/properties',
    exchange('show_system_properties', {}, { property_map: textMap }, ['properties']),
  ],
  [
    '/show/table',
    exchange(
      'show_table',
      { table_name: 'string' },
      {
        table_name: 'string',
        table_names: texts,
        table_descriptions: array(texts),
        type_ids: texts,
        type_schemas: texts,
        type_labels: texts,
        properties: array(columnProperties),
        additional_info: array(textMap),
        sizes: array('long'),
        full_sizes: array('long'),
        join_sizes: array('double'),
        total_size: 'long',
        total_full_size: 'long',
      },
      showTableOptions,
    ),
  ],
  [
    '/show/schema',
    exchange(
      'show_schema',
      { schema_name: 'string' },
      {
        schema_name: 'string',
        schema_names: texts,
        schema_tables: array(texts),
        additional_info: array(textMap),
      },
      ['no_error_if_not_exists'],
    ),
  ],
  [
    '/has/table',
    exchange('has_table', { table_name: 'string' }, { table_name: 'string', table_exists: 'boolean' }),
  ],
  [
    '/has/schema',
    exchange('has_schema', { schema_name: 'string' }, { schema_name: 'string', schema_exists: 'boolean' }),
  ],
  ['/has/type', exchange('has_type', { type_id: 'string' }, { type_id: 'string', type_exists: 'boolean' })],
  [
    '/create/schema',
    exchange('create_schema', { schema_name: 'string' }, { schema_name: 'string' }, ['no_error_if_exists']),
  ],
  [
    '/drop/schema',
    exchange('drop_schema', { schema_name: 'string' }, { schema_name: 'string' }, [
      'no_error_if_not_exists',
      'cascade',
    ]),
  ],
  [
    '/create/type',
    exchange(
      'create_type',
      { type_definition: 'string', label: 'string', properties: columnProperties },
      { type_id: 'string', type_definition: 'string', label: 'string', properties: columnProperties },
    ),
  ],
  [
    '/show/types',
    exchange(
      'show_types',
      { type_id: 'string', label: 'string' },
      { type_ids: texts, type_schemas: texts, labels: texts, properties: array(columnProperties) },
      ['no_join_types'],
    ),
  ],
  [
    '/create/table',
    exchange(
      'create_table',
      { table_name: 'string', type_id: 'string' },
      { table_name: 'string', type_id: 'string', is_collection: 'boolean' },
      tableOptions,
    ),
  ],
  [
    '/clear/table',
    exchange('clear_table', { table_name: 'string', authorization: 'string' }, { table_name: 'string' }, [
      'no_error_if_not_exists',
    ]),
  ],
  [
    '/alter/table/columns',
    exchange(
      'alter_table_columns',
      { table_name: 'string', column_alterations: array(textMap) },
      { table_name: 'string', ...tableOfType, column_alterations: array(textMap) },
    ),
  ],
  [
    '/insert/records',
    exchange(
      'insert_records',
      { table_name: 'string', list: array('bytes'), list_str: texts, list_encoding: 'string' },
      { record_ids: texts, count_inserted: 'int', count_updated: 'int' },
      insertOptions,
    ),
  ],
  [
    '/get/records',
    exchange(
      'get_records',
      { table_name: 'string', offset: 'long', limit: 'long', encoding: 'string' },
      {
        table_name: 'string',
        type_name: 'string',
        type_schema: 'string',
        records_binary: array('bytes'),
        records_json: texts,
        total_number_of_records: 'long',
        has_more_records: 'boolean',
      },
      ['expression', 'fast_index_lookup', 'sort_by', 'sort_order'],
    ),
  ],
  [
    '/delete/records',
    exchange(
      'delete_records',
      { table_name: 'string', expressions: texts },
      { count_deleted: 'long', counts_deleted: array('long') },
      ['global_expression', 'delete_all_records'],
    ),
  ],
  [
    '/create/tablemonitor',
    exchange(
      'create_table_monitor',
      { table_name: 'string' },
      { topic_id: 'string', table_name: 'string', type_schema: 'string' },
      ['event', 'monitor_id', 'increasing_column', 'expression', 'refresh_method'],
    ),
  ],
  [
    '/clear/tablemonitor',
    exchange('clear_table_monitor', { topic_id: 'string' }, { topic_id: 'string' }, [
      'keep_autogenerated_sink',
      'clear_all_references',
    ]),
  ],
  [
    '/alter/tablemonitor',
    exchange(
      'alter_table_monitor',
      { topic_id: 'string', monitor_updates_map: textMap },
      { topic_id: 'string' },
    ),
  ],
  [
    '/show/tablemonitors',
    exchange(
      'show_table_monitors',
      { monitor_ids: texts },
      {
        monitor_ids: texts,
        table_names: texts,
        events: texts,
        increasing_columns: texts,
        filter_expressions: texts,
        join_table_names: texts,
        join_column_names: texts,
        join_expressions: texts,
        refresh_method: texts,
        refresh_period: texts,
        refresh_start_time: texts,
        datasink_names: texts,
        max_consecutive_failures: array('int'),
        failed_notifications_table_names: texts,
        statuses: texts,
        additional_info: array(textMap),
      },
    ),
  ],
])
