import { join } from 'node:path'
import { type ErrorName, errorIds } from '@isthmus/protocol'
import type { BrokerLog } from '../broker-log.ts'
import { type Commits, openCommits } from '../groups/commits.ts'
import { type Groups, openGroups } from '../groups/groups.ts'
import { messageOf } from '../request-error.ts'
import type { Topics } from '../topics/topics.ts'
import { openProducerIds } from '../transactions/producer-ids.ts'
import { openTransactions, type Transactions } from '../transactions/transactions.ts'
import { coordinatorSettings } from './settings.ts'
import { openStateLog } from './state-log.ts'
import { openTimers } from './timers.ts'

/** The group and transaction coordinators, as the rest of the broker sees them. */
export interface Coordinators extends AsyncDisposable {
  readonly groups: Groups
  readonly commits: Commits
  readonly transactions: Transactions
  /** The partition of `__consumer_offsets` that holds every group's offsets, for transactions that commit some. */
  readonly offsetsPartition: ReadonlyMap<string, ReadonlySet<number>>
  /** Called by Produce before a transactional batch is appended. Answers the error id, 0 when the batch may be appended. */
  verifyProduce(produce: TransactionalProduce): number
  /** What ApiVersions says of `transaction.version` and the like, so that clients know which transaction protocol to speak. */
  readonly features: Features
  /** A topic was deleted: its committed offsets are of no use any more. */
  topicDeleted(topic: string): void
}

export interface Features {
  readonly supportedFeatures?: readonly { name: string; minVersion: number; maxVersion: number }[]
  readonly finalizedFeaturesEpoch?: number
  readonly finalizedFeatures?: readonly { name: string; maxVersionLevel: number; minVersionLevel: number }[]
}

export interface TransactionalProduce {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly topic: string
  readonly partition: number
  /** Of the Produce request: from 12 on the partition is added to the transaction (KIP-890), before it has to be in it. */
  readonly version: number
}

const OFFSETS = '__consumer_offsets'
const TRANSACTIONS = '__transaction_state'
const EXPIRE_IDS_MS = 3_600_000

export interface CoordinatorsContext {
  /** Where the producer ids that were given out are kept. */
  readonly dataDir: string
  /** Their logs are among the topics. */
  readonly topics: Topics
  /** Broker properties by Kafka's names. */
  readonly properties: Readonly<Record<string, string>>
  readonly log: BrokerLog
}

export async function openCoordinators(context: CoordinatorsContext): Promise<Coordinators> {
  await using stack = new AsyncDisposableStack()
  const { dataDir, topics, properties, log } = context
  const timers = stack.use(openTimers())
  const settings = coordinatorSettings(properties)
  const groups = openGroups({ timers, settings, log, state: openStateLog(topics, OFFSETS, timers.now, log) })
  const commits = openCommits({ groups, timers, settings })
  const transactions = openTransactions({
    timers,
    settings,
    log,
    state: openStateLog(topics, TRANSACTIONS, timers.now, log),
    newProducerId: openProducerIds(join(dataDir, 'producer-ids.json'), log),
    writeMarker(topic, partition, { producerId, producerEpoch }, outcome) {
      topics.partition(topic, partition)?.log.appendControl(producerId, producerEpoch, 0, outcome)
      if (topic === OFFSETS) groups.offsets.replayEnd(producerId, outcome)
    },
  })

  function repeat(ms: number, what: string, work: () => void): void {
    timers.after(ms, () => {
      try {
        work()
      } catch (error) {
        log.error(`Cannot expire ${what}: ${messageOf(error)}`)
      }
      repeat(ms, what, work)
    })
  }
  repeat(settings.retentionCheckMs, 'offsets', commits.expire)
  repeat(EXPIRE_IDS_MS, 'transactional ids', transactions.expireIds)

  const owned = stack.move()
  return {
    groups,
    commits,
    transactions,
    offsetsPartition: new Map([[OFFSETS, new Set([0])]]),
    verifyProduce({ transactionalId, topic, partition, version, ...producer }) {
      const partitions = new Map([[topic, new Set([partition])]])
      const error =
        version >= 12
          ? transactions.add(transactionalId, producer, partitions, 2)
          : transactions.verify(transactionalId, producer, partitions)
      return errorIds[toldToProducer(error, version)]
    },
    features: {
      supportedFeatures: [{ name: 'transaction.version', minVersion: 0, maxVersion: 2 }],
      finalizedFeaturesEpoch: 0,
      finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 }],
    },
    topicDeleted: commits.topicDeleted,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Producers know other errors than those who speak to the coordinator themselves. */
function toldToProducer(error: ErrorName | 'NONE', version: number): ErrorName | 'NONE' {
  switch (error) {
    case 'PRODUCER_FENCED':
      return 'INVALID_PRODUCER_EPOCH'
    case 'TRANSACTION_ABORTABLE':
      return version >= 11 ? error : 'INVALID_TXN_STATE'
    case 'CONCURRENT_TRANSACTIONS':
      // older clients retry this one, and give up on the other
      return version >= 12 ? error : 'NOT_ENOUGH_REPLICAS'
    default:
      return error
  }
}
