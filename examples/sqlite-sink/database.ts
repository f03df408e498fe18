import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type PartitionOffset, retriable, type TopicPartition } from '@isthmus/sdk'

export interface Row {
  readonly key: SQLInputValue
  /** As the columns are; null: the row of this key is to go. */
  readonly values: readonly SQLInputValue[] | null
}

export interface Target {
  /** Whose offsets these are: connectors may share a database. */
  readonly connector: string
  readonly table: string
  readonly columns: readonly string[]
  readonly keyColumn: string | null
}

/** SQLite's code for a database that another task or program is writing to. */
const BUSY = 5

export function openDatabase(file: string, { connector, table, columns, keyColumn }: Target) {
  const database = new DatabaseSync(file, { timeout: 5000 })
  // a transaction that was committed is on the disk
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  const into = quoted(table)
  const own = columns.map(quoted)
  const key = keyColumn === null ? null : quoted(keyColumn)
  const all = key === null ? own : [key, ...own]
  const keyed = key === null ? '' : `, PRIMARY KEY (${key})`
  database.exec(`
    CREATE TABLE IF NOT EXISTS ${into} (${all.join(', ')}${keyed});
    CREATE TABLE IF NOT EXISTS kafka_offsets (connector, topic, partition, next, PRIMARY KEY (connector, topic, partition))
  `)
  const updates = own.map((name) => `${name} = excluded.${name}`)
  const update = updates.length === 0 ? 'NOTHING' : `UPDATE SET ${updates.join(', ')}`
  const insert = database.prepare(
    `INSERT INTO ${into} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})${
      key === null ? '' : ` ON CONFLICT (${key}) DO ${update}`
    }`,
  )
  const remove = key === null ? null : database.prepare(`DELETE FROM ${into} WHERE ${key} = ?`)
  const readOffset = database.prepare(
    'SELECT next FROM kafka_offsets WHERE connector = ? AND topic = ? AND partition = ?',
  )
  const writeOffset = database.prepare('INSERT OR REPLACE INTO kafka_offsets VALUES (?, ?, ?, ?)')

  const write = (row: Row): void => {
    if (row.values === null) remove?.run(row.key)
    else if (remove === null) insert.run(...row.values)
    else insert.run(row.key, ...row.values)
  }

  return {
    /** Where to go on in each partition that was written before. */
    offsets(partitions: readonly TopicPartition[]): readonly PartitionOffset[] {
      return partitions.flatMap(({ topic, partition }) => {
        const found = readOffset.get(connector, topic, partition)
        return found === undefined ? [] : [{ topic, partition, offset: Number(found['next']) }]
      })
    },

    /** Rows and offsets in one transaction: both are there after a crash, or neither. */
    store(rows: readonly Row[], offsets: readonly PartitionOffset[]): void {
      try {
        database.exec('BEGIN IMMEDIATE')
        for (const row of rows) write(row)
        for (const { topic, partition, offset } of offsets)
          writeOffset.run(connector, topic, partition, offset)
        database.exec('COMMIT')
      } catch (cause) {
        if (database.isTransaction) database.exec('ROLLBACK')
        if ((cause as { errcode?: number }).errcode === BUSY)
          throw retriable(`${file} is being written to by others`, { cause })
        throw cause
      }
    },

    close(): void {
      if (database.isOpen) database.close()
    },
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
