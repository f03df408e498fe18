import { type Cluster, openAdmin, openFetcher } from '@isthmus/kafka'

export interface Read {
  readonly offset: number
  readonly text: string
}

/** What a partition holds for readers of this isolation, from its first record to its end as it is now. */
export async function readAll(
  cluster: Cluster,
  topic: string,
  partition: number,
  isolation: 'read_uncommitted' | 'read_committed',
): Promise<Read[]> {
  const [end] = await openAdmin(cluster).listOffsets([{ topic, partition }], 'latest', { isolation })
  await using fetcher = openFetcher(cluster, {
    'auto.offset.reset': 'earliest',
    'isolation.level': isolation,
  })
  fetcher.assign([{ topic, partition, offset: 0 }])
  const records: Read[] = []
  const deadline = Date.now() + 60_000
  // the position also moves over what these readers do not see, such as the markers of transactions
  for (let next = 0; next < (end?.offset ?? 0); next = fetcher.position(topic, partition) ?? 0) {
    if (Date.now() > deadline)
      throw new Error(`${topic}-${partition}: at ${next} of ${end?.offset} after a minute`)
    for (const batch of await fetcher.poll(500))
      for (const { offset, value } of batch.records) records.push({ offset, text: String(value) })
  }
  return records
}
