import type { RequestOf } from '@isthmus/protocol'
import { decodeRecords, errorIds, readBatches } from '@isthmus/protocol'
import type { produce } from '@isthmus/protocol/apis'
import type { Target } from '../cluster/target.ts'
import { KafkaError } from '../errors.ts'
import { ScriptedCluster } from './scripted-cluster.ts'

type ProduceRequest = RequestOf<typeof produce>
/** What goes wrong with a request to a partition. */
export type Fault = {
  /** An error instead of taking the batch. */
  readonly error?: number
  /** The connection breaks, before or after the batch was taken; what was sent after it on the connection is lost. */
  readonly disconnect?: 'before' | 'after'
}
export interface ModelOptions {
  readonly partitions: number
  readonly fault: (partition: number) => Fault
  /** Milliseconds until a request is looked at. */
  readonly delay: () => number
  /** More records than this are MESSAGE_TOO_LARGE. */
  readonly mostRecords?: number
  /** Called between requests: leaders may move. */
  readonly between?: (model: BrokerModel) => void
}

interface ProducerState {
  epoch: number
  nextSequence: number
  readonly recent: { readonly first: number; readonly count: number; readonly offset: number }[]
}
interface PartitionLog {
  leader: number
  readonly values: string[]
  readonly producers: Map<number, ProducerState>
}

/**
 * Brokers that keep values in memory and judge sequence numbers as Kafka does (`sequencesContract`), with connections that break and
 * leaders that move whenever a test says. Each node answers its requests in order.
 */
export class BrokerModel {
  readonly cluster = new ScriptedCluster()
  readonly logs: PartitionLog[]
  readonly topic = 't'
  private readonly options: ModelOptions
  private readonly tails = new Map<number, Promise<unknown>>()
  private readonly connections = new Map<number, number>()
  requests = 0

  constructor(options: ModelOptions) {
    this.options = options
    this.logs = Array.from({ length: options.partitions }, (_, p) => ({
      leader: p % 2,
      values: [],
      producers: new Map(),
    }))
    this.publish()
    const { answers } = this.cluster
    answers['InitProducerId'] = () => ({ errorCode: 0, producerId: 7, producerEpoch: 0 })
    answers['Produce'] = (body: ProduceRequest, target: Target) => this.produce(body, target)
  }

  move(partition: number, leader: number): void {
    const log = this.logs[partition]
    if (log) log.leader = leader
    this.publish()
  }
  /** The broker forgets what it knew of producers, as when all their records were deleted. */
  forget(partition: number): void {
    this.logs[partition]?.producers.clear()
  }
  private publish(): void {
    this.cluster.setTopic(
      this.topic,
      this.logs.map((l) => l.leader),
    )
  }

  private async produce(body: ProduceRequest, target: Target): Promise<unknown> {
    const node = target.to === 'node' ? target.node : -1
    const connection = this.connections.get(node) ?? 0
    const before = this.tails.get(node) ?? Promise.resolve()
    const turn = before.then(() => new Promise((resolve) => setTimeout(resolve, this.options.delay())))
    this.tails.set(node, turn)
    await turn
    if ((this.connections.get(node) ?? 0) !== connection) throw disconnected()
    this.requests++
    this.options.between?.(this)
    const responses = (body.topicData ?? []).map((t) => ({
      name: t.name,
      partitionResponses: (t.partitionData ?? []).map((p) =>
        this.take(node, p.index ?? 0, p.records as Buffer),
      ),
    }))
    if ((this.connections.get(node) ?? 0) !== connection) throw disconnected()
    return { responses }
  }

  private take(node: number, index: number, bytes: Buffer) {
    const log = this.logs[index] as PartitionLog
    const fault = this.options.fault(index)
    const refuse = (errorCode: number) => ({ ...blank, index, errorCode, baseOffset: -1 })
    if (fault.disconnect === 'before') {
      this.breakConnection(node)
      return refuse(0)
    }
    const answer =
      log.leader !== node ? refuse(errorIds.NOT_LEADER_OR_FOLLOWER) : this.append(log, index, bytes, fault)
    if (fault.disconnect === 'after') this.breakConnection(node)
    return answer
  }
  private breakConnection(node: number): void {
    this.connections.set(node, (this.connections.get(node) ?? 0) + 1)
  }

  private append(log: PartitionLog, index: number, bytes: Buffer, fault: Fault) {
    const refuse = (errorCode: number) => ({ ...blank, index, errorCode, baseOffset: -1 })
    const [batch, more] = readBatches(bytes, { partial: 'refuse' })
    if (!batch || more) return refuse(errorIds.INVALID_RECORD)
    if (fault.error !== undefined) return refuse(fault.error)
    if (batch.count > (this.options.mostRecords ?? Infinity)) return refuse(errorIds.MESSAGE_TOO_LARGE)
    const { producerId, producerEpoch: epoch, baseSequence: first, count } = batch
    const offset = log.values.length
    if (producerId >= 0) {
      const state = log.producers.get(producerId)
      if (state && epoch < state.epoch) return refuse(errorIds.INVALID_PRODUCER_EPOCH)
      const known =
        state?.epoch === epoch ? state.recent.find((r) => r.first === first && r.count === count) : null
      if (known) return { ...blank, index, errorCode: 0, baseOffset: known.offset }
      const due = state?.epoch === epoch ? state.nextSequence : 0
      // without any state Kafka takes whatever comes
      if (state && first !== due) return refuse(errorIds.OUT_OF_ORDER_SEQUENCE_NUMBER)
      const recent = state?.epoch === epoch ? state.recent : []
      recent.push({ first, count, offset })
      if (recent.length > 5) recent.shift()
      log.producers.set(producerId, { epoch, nextSequence: (first + count) % 2 ** 31, recent })
    }
    for (const record of decodeRecords(batch)) log.values.push(String(record.value))
    return { ...blank, index, errorCode: 0, baseOffset: offset }
  }
}

const blank = { logAppendTimeMs: -1, logStartOffset: 0, recordErrors: [], errorMessage: null }

function disconnected(): KafkaError {
  return new KafkaError('DISCONNECTED', 'The model broke the connection')
}
