import { BatchWriter, decodeRecords, readBatches, type TransactionOutcome } from '@isthmus/protocol'
import type { BrokerLog } from '../broker-log.ts'
import type { Log } from '../log/log.ts'
import { messageOf } from '../request-error.ts'
import type { Topics } from '../topics/topics.ts'
import type { StateRecord } from './records.ts'

/** Records that belong to a transaction become valid with its commit marker only. */
export interface StateProducer {
  readonly producerId: number
  readonly producerEpoch: number
}

export type StateEntry =
  | {
      readonly type: 'record'
      readonly record: StateRecord
      readonly offset: number
      /** -1 outside transactions. */
      readonly producerId: number
    }
  | { readonly type: TransactionOutcome; readonly producerId: number }

/**
 * A coordinator's memory: a compacted topic of one partition, as there is one coordinator for everything. What was appended
 * survives the death of the process.
 */
export interface StateLog {
  /** Writes the records, one at least, and answers the offset of the first. Throws what the log throws; then nothing was written. */
  append(records: readonly StateRecord[], producer?: StateProducer): number
  /** Everything that is in the log, in order. */
  entries(): Iterable<StateEntry>
  /** One of the entries cannot be understood: it is said, and the others count. */
  notUnderstood(entry: StateEntry & { type: 'record' }, error: unknown): void
}

const BATCH_LIMIT = 512 * 1024
const READ_BYTES = 4 * 1024 * 1024
const COMMIT = 1

export function openStateLog(
  topics: Topics,
  topic: string,
  now: () => number,
  brokerLog: BrokerLog,
): StateLog {
  /** Created when it is first needed, so that a broker without groups shows no topic for them. */
  function log(): Log {
    const known = topics.named(topic) ?? topics.create({ name: topic, partitions: 1, configs: CONFIGS })
    const partition = known.partitions[0]
    if (!partition) throw new Error(`Topic ${topic} has no partition`)
    return partition.log
  }

  return {
    append: (records, producer) =>
      log().append(Buffer.concat(batchesOf(records, now(), producer)), 'coordinator').baseOffset,
    notUnderstood({ offset }, error) {
      brokerLog.error(`The record at offset ${offset} of ${topic} is left out: ${messageOf(error)}`)
    },
    *entries() {
      if (!topics.named(topic)) return
      const source = log()
      // what is damaged must be known before it is read; what lies around it still counts
      source.verify()
      for (let offset = source.startOffset; offset < source.endOffset; ) {
        offset = source.intactFrom(offset)
        if (offset >= source.endOffset) return
        const batches = readBatches(source.read(offset, READ_BYTES, 'read_uncommitted').records)
        for (const batch of batches) {
          const { producerId, transactional, control } = batch
          for (const { key, value, offset } of decodeRecords(batch)) {
            if (!key) continue
            if (control) yield { type: key.readInt16BE(2) === COMMIT ? 'commit' : 'abort', producerId }
            else
              yield {
                type: 'record',
                record: { key, value },
                offset,
                producerId: transactional ? producerId : -1,
              }
          }
        }
        const last = batches.at(-1)
        if (!last) return
        offset = Math.max(offset, last.lastOffset) + 1
      }
    },
  }
}

/** In one append the log takes all of them or none. */
function batchesOf(
  records: readonly StateRecord[],
  timestamp: number,
  producer: StateProducer | undefined,
): Buffer[] {
  const batches: Buffer[] = []
  let writer = new BatchWriter(BATCH_LIMIT)
  const end = () => void batches.push(writer.finish(producer && { ...producer, transactional: true }))
  for (const { key, value } of records) {
    if (writer.append(timestamp, key, value, null)) continue
    end()
    // what was finished is a view of the former one's memory
    writer = new BatchWriter(BATCH_LIMIT)
    writer.append(timestamp, key, value, null)
  }
  end()
  return batches
}

/**
 * Those of Apache Kafka's own, but for smaller segments: the newest one is never compacted, and starting reads all of it (100 MiB of
 * commits take seconds, 4 MiB some 0.1 s).
 */
const CONFIGS = { 'cleanup.policy': 'compact', 'compression.type': 'producer', 'segment.bytes': '4194304' }
