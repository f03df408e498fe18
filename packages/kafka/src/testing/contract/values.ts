import type { Cluster } from '../../cluster/cluster.ts'
import type { Fetcher } from '../../fetcher/fetcher.ts'
import type { FetchedBatch, FetchedRecord } from '../../fetcher/records.ts'
import { openProducer, type Producer } from '../../producer/producer.ts'

export async function enqueue<T>(
  producer: Producer<T>,
  topic: string,
  partition: number | null,
  value: string | Uint8Array | null,
  token: T,
): Promise<void> {
  for (;;) {
    const full = producer.enqueue(topic, partition, null, null, value, [], token)
    if (full === undefined) return
    await full
  }
}
/** Writes values into one partition and waits until they are there. */
export async function write(
  cluster: Cluster,
  topic: string,
  partition: number,
  values: readonly string[],
  props: Record<string, string> = {},
): Promise<void> {
  let failure: Error | null = null
  await using producer = openProducer<null>(cluster, props, {
    acknowledged: (batch) => {
      failure ??= batch.error
    },
  })
  for (const value of values) await enqueue(producer, topic, partition, value, null)
  await producer.flush()
  if (failure) throw failure
}

/** Polls until `enough` says so of all that came; fails when that takes longer than 20 s. */
export async function pollUntil(
  fetcher: Fetcher,
  enough: (records: readonly FetchedRecord[], batches: readonly FetchedBatch[]) => boolean,
): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = []
  const batches: FetchedBatch[] = []
  const deadline = Date.now() + 20_000
  while (!enough(records, batches)) {
    if (Date.now() > deadline) throw new Error(`Only ${records.length} records came within 20 s`)
    for (const batch of await fetcher.poll(500)) {
      batches.push(batch)
      records.push(...batch.records)
    }
  }
  return records
}
export const textOf = (record: FetchedRecord): string => String(record.value)
export const numbered = (count: number, prefix = 'v'): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`)
