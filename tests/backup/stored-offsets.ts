import type { Cluster } from '@isthmus/kafka'
import { readAll } from './contents.ts'

/** What a restore has stored in the workers' topic: by topic/partition of the backup, the offset of the last record that is done. */
export async function storedOffsets(
  cluster: Cluster,
  topic: string,
  connector: string,
): Promise<ReadonlyMap<string, number>> {
  const stored = new Map<string, number>()
  await readAll(cluster, [{ topic, partition: 0 }], (_, { key, value }) => {
    const [owner, { source }] = JSON.parse(String(key)) as [string, { source: string }]
    if (owner !== connector) return
    if (value === null) stored.delete(source)
    else stored.set(source, Number(JSON.parse(String(value)).lastReadOffset))
  })
  return stored
}
