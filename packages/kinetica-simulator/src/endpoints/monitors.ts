import { parseExpression } from '../expressions/expression.ts'
import { events, type MonitorEvent, messageSchema } from '../monitors/monitors.ts'
import { refusal } from '../refusal.ts'
import { qualified } from '../tables/table-name.ts'
import type { Endpoint, Options } from './endpoint.ts'

interface CreateMonitorRequest {
  readonly table_name: string
  readonly options: Options
}

export const createTableMonitor: Endpoint<CreateMonitorRequest> = ({ database, monitors }, request) => {
  const { table_name, options } = request
  const table = database.table(table_name)
  const { event = 'insert', expression = '', increasing_column: increasingColumn = '' } = options
  if (!isEvent(event)) throw refusal(`Invalid event '${event}' of a table monitor`, 'TM/Mm:603')
  if ((options['refresh_method'] ?? 'on_change') !== 'on_change') {
    throw refusal(`Unsupported refresh_method '${options['refresh_method']}'`, 'TM/Mm:604')
  }
  const { columns } = table.type()
  parseExpression(expression, columns)
  if (increasingColumn !== '' && !columns.some(({ name }) => name === increasingColumn)) {
    throw refusal(`Column '${increasingColumn}' does not exist`, 'TM/Mm:605')
  }
  const { topic } = monitors.create({ table, event, expression, increasingColumn }, options['monitor_id'])
  return { topic_id: topic, table_name, type_schema: messageSchema(table, event), info: {} }
}

const isEvent = (event: string): event is MonitorEvent => (events as readonly string[]).includes(event)

export const clearTableMonitor: Endpoint<{ readonly topic_id: string }> = ({ monitors }, { topic_id }) => {
  monitors.clear(topic_id)
  return { topic_id, info: {} }
}

interface AlterMonitorRequest {
  readonly topic_id: string
  readonly monitor_updates_map: Options
}

export const alterTableMonitor: Endpoint<AlterMonitorRequest> = ({ monitors }, request) => {
  const { topic_id, monitor_updates_map: updates } = request
  const { notifications, ...others } = updates
  const [other] = Object.keys(others)
  if (other !== undefined) throw refusal(`Update of '${other}' is not supported`, 'TM/Mm:606')
  if (notifications !== 'suspend' && notifications !== 'resume') {
    throw refusal(`Invalid notifications '${notifications}' of a table monitor`, 'TM/Mm:607')
  }
  monitors.suspend(topic_id, notifications === 'suspend')
  return { topic_id, info: {} }
}

export const showTableMonitors: Endpoint<{ readonly monitor_ids: readonly string[] }> = (
  { monitors },
  { monitor_ids },
) => {
  const all = monitors.all()
  for (const id of monitor_ids) {
    if (!all.some(({ topic }) => topic === id)) {
      throw refusal(`Table monitor '${id}' does not exist`, 'TM/Mm:602')
    }
  }
  const shown = monitor_ids.length === 0 ? all : all.filter(({ topic }) => monitor_ids.includes(topic))
  const none = shown.map(() => '')
  return {
    monitor_ids: shown.map(({ topic }) => topic),
    table_names: shown.map(({ table }) => qualified(table.name)),
    events: shown.map(({ event }) => event),
    increasing_columns: shown.map(({ increasingColumn }) => increasingColumn),
    filter_expressions: shown.map(({ expression }) => expression),
    join_table_names: none,
    join_column_names: none,
    join_expressions: none,
    refresh_method: shown.map(() => 'on_change'),
    refresh_period: none,
    refresh_start_time: none,
    datasink_names: none,
    max_consecutive_failures: shown.map(() => -1),
    failed_notifications_table_names: none,
    statuses: shown.map(({ topic }) => (monitors.isSuspended(topic) ? 'suspended' : 'running')),
    additional_info: shown.map(() => ({})),
    info: {},
  }
}
