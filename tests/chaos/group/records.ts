import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Cluster, openAdmin, openFetcher } from '@isthmus/kafka'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export const endsOf = async (cluster: Cluster, partitions: readonly TopicPartition[]) =>
  (await openAdmin(cluster).listOffsets(partitions, 'latest')).map(({ topic, partition, offset }) => ({
    topic,
    partition,
    offset,
  }))

/**
 * Reads what the sources sent. Each counter is there without a gap, and no number before the one that precedes it; numbers may be
 * there twice. Returns the counters' ends.
 */
export async function checkCounters(
  cluster: Cluster,
  ends: readonly (TopicPartition & { readonly offset: number })[],
): Promise<ReadonlyMap<string, number>> {
  await using fetcher = openFetcher(cluster, { 'max.poll.records': '5000' })
  fetcher.assign(ends.map(({ topic, partition }) => ({ topic, partition, offset: 0 })))
  const next = new Map<string, number>()
  let left = ends.reduce((sum, { offset }) => sum + offset, 0)
  let silent = 0
  while (left > 0) {
    const batches = await fetcher.poll(1000)
    silent = batches.length === 0 ? silent + 1 : 0
    assert.ok(silent < 30, `${left} records cannot be read`)
    for (const { records } of batches)
      for (const { value } of records) {
        left--
        const [counter = '', text = ''] = Buffer.from(value ?? [])
          .toString()
          .split(' ')
        const number = Number(text)
        const due = next.get(counter) ?? 0
        assert.ok(
          number <= due,
          `${counter} ${number} came when ${due} was due: records were lost, or their order`,
        )
        if (number === due) next.set(counter, due + 1)
      }
  }
  return next
}

/**
 * Reads what the sinks wrote. Every record was given to some task, and to each task in order from the moment it was given the
 * partition. Returns how many lines were read.
 */
export async function checkRecorded(
  folder: string,
  ends: readonly (TopicPartition & { readonly offset: number })[],
): Promise<number> {
  const seen = new Map(ends.map((end) => [`${end.topic} ${end.partition}`, new Uint8Array(end.offset)]))
  let lines = 0
  for (const file of await readdir(folder)) {
    if (!file.startsWith('got-')) continue
    const due = new Map<string, number>()
    for await (const line of createInterface({ input: createReadStream(join(folder, file)) })) {
      const [topic = '', second = '', third = ''] = line.split(' ')
      if (topic === 'open') {
        due.delete(`${second} ${third}`)
        continue
      }
      lines++
      const partition = `${topic} ${second}`
      const offset = Number(third)
      const next = due.get(partition)
      assert.ok(
        next === undefined || offset <= next,
        `${file}: offset ${offset} of ${partition} came when ${next} was due`,
      )
      due.set(partition, Math.max(next ?? 0, offset + 1))
      const offsets = seen.get(partition)
      if (offsets !== undefined && offset < offsets.length) offsets[offset] = 1
    }
  }
  for (const [partition, offsets] of seen) {
    const lost = offsets.indexOf(0)
    assert.equal(lost, -1, `offset ${lost} of ${partition} was given to no task`)
  }
  return lines
}
