import { ConnectError } from '@isthmus/sdk'
import type { Destinations } from '../config/sink.ts'

export interface Naming {
  /** Of `kinetica.tables.destination_name`. */
  readonly destinations: Destinations
  readonly prefix: string
  /** Of the database; empty: the default one of the user. */
  readonly schemaName: string
  readonly singleTablePerTopic: boolean
}

/**
 * The table that records go to. `name` is that of the schema of their values, or the key of records without a schema; null where there
 * is none.
 */
export function tableNameOf(
  { destinations, prefix, schemaName, singleTablePerTopic }: Naming,
  topic: string,
  name: string | null,
): string {
  const plain = (): string => {
    if (typeof destinations === 'string') return destinations
    if (destinations !== null) {
      const destination = destinations.get(topic.toLowerCase())
      if (destination !== undefined) return destination
      throw new ConnectError(
        'connect',
        `kinetica.tables.destination_name names no table for topic ${topic}, which is not in topics`,
      )
    }
    // a dot in a table's name would set its schema apart
    const last = name?.slice(name.lastIndexOf('.') + 1) ?? ''
    return prefix + (singleTablePerTopic || last === '' ? topic.replaceAll('.', '_') : last)
  }
  const table = plain()
  return schemaName === '' || table.includes('.') ? table : `${schemaName}.${table}`
}
