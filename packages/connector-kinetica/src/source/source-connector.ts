import type { Props, SourceConnector } from '@isthmus/sdk'
import { type SourceConfig, type SourceTable, sourceConfig, sourceTables } from '../config/source.ts'
import { taskPropsOf } from '../config/task-props.ts'

/** Divides the tables among tasks. The database is not asked: each task says what is wrong with its tables. */
export function openSourceConnector(config: SourceConfig): SourceConnector {
  const tables = sourceTables(config)
  return {
    taskConfigs: (maxTasks) => divide(tables, maxTasks).map((some) => taskConfig(some, config)),
  }
}

/** For each of at most `most` tasks: neighbours stay together, and the first have one more where they cannot be even. */
export function divide<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  const count = Math.min(items.length, most)
  const least = Math.floor(items.length / count)
  const larger = items.length % count
  const startOf = (part: number): number => part * least + Math.min(part, larger)
  return Array.from({ length: count }, (_, part) => items.slice(startOf(part), startOf(part + 1)))
}

/** All properties as text, with the lists for these tables alone. What the connector of the JVM does not know is there only where it is set. */
function taskConfig(tables: readonly SourceTable[], config: SourceConfig): Props {
  const { 'kinetica.order_column': _, ...props } = taskPropsOf(sourceConfig, config.raw)
  const versions = config['kinetica.kafka_schema_version']
  const ordered = tables.filter((table) => table.orderColumn !== null)
  return {
    ...props,
    'kinetica.table_names': tables.map(({ name }) => name).join(','),
    'kinetica.kafka_schema_version':
      versions.trim() === '' ? '' : tables.map(({ version }) => version).join(','),
    ...(ordered.length > 0 && {
      'kinetica.order_column': ordered.map((table) => `${table.name}:${table.orderColumn}`).join(','),
    }),
  }
}
