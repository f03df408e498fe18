import { alterTableColumns } from './alter-columns.ts'
import { deleteRecords } from './delete.ts'
import type { World } from './endpoint.ts'
import { insertRecords } from './insert.ts'
import { alterTableMonitor, clearTableMonitor, createTableMonitor, showTableMonitors } from './monitors.ts'
import { getRecords } from './retrieve.ts'
import { createSchema, dropSchema, hasSchema, showSchema } from './schemas.ts'
import { showSystemProperties, showSystemStatus } from './system.ts'
import { clearTable, createTable, hasTable, showTable } from './tables.ts'
import { createType, hasType, showTypes } from './types.ts'

/** Each takes a request that has the form of its endpoint: the messages are checked before. */
export const endpoints = {
  '/show/system/status': showSystemStatus,
  '/show/system/properties': showSystemProperties,
  '/has/schema': hasSchema,
  '/create/schema': createSchema,
  '/drop/schema': dropSchema,
  '/show/schema': showSchema,
  '/has/type': hasType,
  '/create/type': createType,
  '/show/types': showTypes,
  '/has/table': hasTable,
  '/create/table': createTable,
  '/clear/table': clearTable,
  '/show/table': showTable,
  '/alter/table/columns': alterTableColumns,
  '/insert/records': insertRecords,
  '/get/records': getRecords,
  '/delete/records': deleteRecords,
  '/create/tablemonitor': createTableMonitor,
  '/clear/tablemonitor': clearTableMonitor,
  '/alter/tablemonitor': alterTableMonitor,
  '/show/tablemonitors': showTableMonitors,
} as const

/** Carries out a request whose form has been checked. */
export function carryOut(path: string, world: World, request: unknown): object | Promise<object> {
  const endpoint = endpoints[path as keyof typeof endpoints] as (world: World, request: never) => object
  return endpoint(world, request as never)
}
