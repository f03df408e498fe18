import { readRow } from '../columns/row-bytes.ts'
import { parseExact, rowOfJson } from '../columns/row-json.ts'
import { refusal } from '../refusal.ts'
import type { Collision, Inserted, Table } from '../tables/table.ts'
import { type Endpoint, isOn, type Options, type World } from './endpoint.ts'

interface InsertRequest {
  readonly table_name: string
  readonly list: readonly Uint8Array[]
  readonly list_str: readonly string[]
  readonly list_encoding: string
  readonly options: Options
}

export const insertRecords: Endpoint<InsertRequest> = async (world, request) => {
  const table = world.database.table(request.table_name)
  const { columns } = table.type()
  const rows = (() => {
    switch (request.list_encoding) {
      case 'binary':
        return request.list.map((bytes) => () => readRow(columns, bytes))
      case 'json':
        return request.list_str.map((text) => () => rowOfJson(columns, parseExact(text)))
      default:
        throw refusal(`Unsupported list_encoding '${request.list_encoding}'`, 'I/Ir:701')
    }
  })()
  const { options } = request
  const result = await insertInto(world, table, rows, options)
  return {
    record_ids: isOn(options, 'return_record_ids') ? result.ids : [],
    count_inserted: result.inserted.length,
    count_updated: result.updated,
    info: infoOf(result.errors),
  }
}

/** Rows as functions that read them. */
export type Batch = readonly (() => readonly unknown[])[]

/**
 * Inserts a batch as `options` say, and tells monitors. Throws a Refusal with the first error of the batch, unless
 * `return_individual_errors` is on.
 */
export async function insertInto(
  { monitors }: World,
  table: Table,
  rows: Batch,
  options: Options,
): Promise<Inserted> {
  const result = table.insert(rows, {
    collision: collisionOf(options),
    truncate: isOn(options, 'truncate_strings'),
    partial: isOn(options, 'allow_partial_batch'),
    dryRun: isOn(options, 'dry_run'),
  })
  await monitors.inserted(table, result.inserted)
  await monitors.counted(table, 'update', result.updated)
  const [first] = result.errors
  if (first !== undefined && !isOn(options, 'return_individual_errors')) {
    const [index, message] = first
    throw refusal(`Table '${table.name.schema}.${table.name.table}': record ${index}: ${message}`, 'I/Ir:702')
  }
  return result
}

function collisionOf(options: Options): Collision {
  if (isOn(options, 'update_on_existing_pk')) return 'update'
  return isOn(options, 'ignore_existing_pk') ? 'ignore' : 'refuse'
}

function infoOf(errors: ReadonlyMap<number, string>): Options {
  if (errors.size === 0) return {}
  return {
    bad_record_indices: [...errors.keys()].join(','),
    ...Object.fromEntries([...errors].map(([index, message]) => [`error_${index}`, message])),
  }
}
