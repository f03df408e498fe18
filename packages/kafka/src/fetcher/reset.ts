import { listOffsets } from '@isthmus/protocol/apis/client'
import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError, kafkaError } from '../errors.ts'
import { FETCHER, listed } from '../log.ts'
import type { ConsumerConfig } from '../properties/consumer.ts'
import type { FetchedPartition } from './partition.ts'

const LATEST = -1
const EARLIEST = -2

/** Where `auto.offset.reset` says that partitions led by `node` begin; an error for those it cannot tell. */
export async function resetOffsets(
  cluster: Cluster,
  options: ConsumerConfig,
  node: number,
  partitions: readonly FetchedPartition[],
  signal: AbortSignal,
): Promise<Map<FetchedPartition, number | KafkaError>> {
  const found = new Map<FetchedPartition, number | KafkaError>()
  const policy = options['auto.offset.reset']
  if (policy === 'none') {
    for (const p of partitions) {
      const message = `${p.topic}-${p.partition} has no offset to begin at, and auto.offset.reset is none`
      found.set(p, new KafkaError('OFFSET_OUT_OF_RANGE', message))
    }
    return found
  }
  const ask = async (timestamp: number, which: readonly FetchedPartition[]) => {
    const names = [...new Set(which.map((p) => p.topic))]
    const body = {
      replicaId: -1,
      isolationLevel: options['isolation.level'] === 'read_committed' ? 1 : 0,
      topics: names.map((name) => ({
        name,
        partitions: which
          .filter((p) => p.topic === name)
          .map((p) => ({ partitionIndex: p.partition, timestamp })),
      })),
    }
    const response = await cluster.request(listOffsets, body, { to: 'node', node }, { signal })
    for (const p of which) {
      const answer = response.topics
        .find((t) => t.name === p.topic)
        ?.partitions.find((a) => a.partitionIndex === p.partition)
      const doing = `Looking up the ${typeof policy === 'string' ? policy : 'starting'} offset of ${p.topic}-${p.partition}`
      if (!answer) found.set(p, new KafkaError('MALFORMED', `${doing}: the answer lacks it`))
      else found.set(p, answer.errorCode === 0 ? answer.offset : kafkaError(answer.errorCode, doing))
    }
  }
  if (typeof policy !== 'string') {
    await ask(Date.now() - policy.beforeNowMs, partitions)
    // -1: no record is as young
    const none = partitions.filter((p) => found.get(p) === -1)
    if (none.length > 0) await ask(LATEST, none)
  } else await ask(policy === 'earliest' ? EARLIEST : LATEST, partitions)
  const told = [...found].map(
    ([p, at]) => `${p.topic}-${p.partition} to ${typeof at === 'number' ? at : at.message}`,
  )
  cluster.logs(FETCHER).debug(`Positions reset by auto.offset.reset: ${listed(told)}`)
  return found
}
