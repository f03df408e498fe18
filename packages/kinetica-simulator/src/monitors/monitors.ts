import { randomUUID } from 'node:crypto'
import { type Column, defineColumn } from '../columns/column.ts'
import { recordType } from '../columns/record-type.ts'
import { type Row, writeRow } from '../columns/row-bytes.ts'
import { parseExpression } from '../expressions/expression.ts'
import { type Refusal, refusal } from '../refusal.ts'
import type { Table } from '../tables/table.ts'

export const events = ['insert', 'update', 'delete'] as const
export type MonitorEvent = (typeof events)[number]

/** A monitor of a table: what it watches, and the topic of its messages. */
export interface Monitor {
  readonly topic: string
  readonly table: Table
  readonly event: MonitorEvent
  readonly increasingColumn: string
  readonly expression: string
}

export type Publish = (topic: string, frames: readonly Uint8Array[]) => Promise<void>

/** The monitors of all tables. */
export interface Monitors {
  readonly create: (monitor: Omit<Monitor, 'topic'>, id: string | undefined) => Monitor
  readonly clear: (topic: string) => void
  readonly all: () => readonly Monitor[]
  readonly isSuspended: (topic: string) => boolean
  /** A monitor that is suspended publishes nothing; what happens in the meantime is lost to its subscribers. */
  readonly suspend: (topic: string, suspended: boolean) => void
  /** Forgets the monitors that satisfy a condition: their topics fall silent. */
  readonly forget: (matches: (monitor: Monitor) => boolean) => void
  /** Tells subscribers of rows that a table has taken. */
  readonly inserted: (table: Table, rows: readonly Row[]) => Promise<void>
  /** Tells subscribers how many rows of a table have changed, or are gone. */
  readonly counted: (table: Table, event: 'update' | 'delete', count: number) => Promise<void>
}

const countType = recordType([defineColumn('count', 'long', false, [])], '')

/** The Avro schema of what is published for an event of a table: its rows, or how many they were. */
export const messageSchema = (table: Table, event: MonitorEvent): string =>
  event === 'insert' ? table.type().schema : countType.schema

const missing = (topic: string): Refusal => refusal(`Table monitor '${topic}' does not exist`, 'TM/Mm:602')

export function openMonitors(publish: Publish): Monitors {
  const monitors = new Map<string, Monitor>()
  const suspended = new Set<string>()
  const of = (table: Table, event: MonitorEvent): readonly Monitor[] =>
    [...monitors.values()].filter(
      (monitor) => monitor.table === table && monitor.event === event && !suspended.has(monitor.topic),
    )
  const forget = (topic: string): boolean => {
    suspended.delete(topic)
    return monitors.delete(topic)
  }

  return {
    create(monitor, id) {
      const topic = id ?? randomUUID()
      if (monitors.has(topic)) throw refusal(`Table monitor '${topic}' already exists`, 'TM/Mm:601')
      const created = { ...monitor, topic }
      monitors.set(topic, created)
      return created
    },

    clear(topic) {
      if (!forget(topic)) throw missing(topic)
    },

    all: () => [...monitors.values()],
    isSuspended: (topic) => suspended.has(topic),

    suspend(topic, silent) {
      if (!monitors.has(topic)) throw missing(topic)
      if (silent) suspended.add(topic)
      else suspended.delete(topic)
    },

    forget(matches) {
      for (const [topic, monitor] of monitors) if (matches(monitor)) forget(topic)
    },

    async inserted(table, rows) {
      const { columns } = table.type()
      for (const { topic, expression } of of(table, 'insert')) {
        const wanted = rows.filter(parseExpression(expression, columns))
        if (wanted.length > 0) await publish(topic, framesOf(columns, wanted))
      }
    },

    async counted(table, event, count) {
      if (count === 0) return
      const frame = writeRow(countType.columns, [BigInt(count)])
      for (const { topic } of of(table, event)) await publish(topic, [frame])
    },
  }
}

const framesOf = (columns: readonly Column[], rows: readonly Row[]): readonly Uint8Array[] =>
  rows.map((row) => writeRow(columns, row))
