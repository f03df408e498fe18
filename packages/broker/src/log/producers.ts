import type { RecordBatch } from '@isthmus/protocol'
import { addToSequence } from '@isthmus/protocol'
import { RequestError } from '../request-error.ts'
import type { ProducerView } from './log.ts'

/** As many as a producer may have in flight, so any of them may come again. */
const REMEMBERED = 5

export interface RememberedBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly timestamp: number
}

export interface ProducerState {
  readonly producerId: number
  epoch: number
  coordinatorEpoch: number
  /** -1 while no transaction goes on. */
  currentTxnStartOffset: number
  lastTimestamp: number
  /** The newest, oldest first. */
  batches: RememberedBatch[]
}

/** What a log knows of its idempotent producers: epochs, the last sequences, transactions going on. */
export class Producers {
  private readonly byId = new Map<number, ProducerState>()
  /** Producer id → first offset of its transaction. Ascending, since offsets are handed out in order. */
  private readonly ongoing = new Map<number, number>()

  /** The first offset of the oldest transaction going on. */
  firstUndecided(): number | undefined {
    for (const offset of this.ongoing.values()) return offset
    return undefined
  }

  /**
   * The batch as it is remembered, if it was appended before; null for one that may be appended now, as its epoch is not old and its
   * sequence the next. Throws INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER or INVALID_TXN_STATE.
   */
  duplicateOf(batch: RecordBatch): RememberedBatch | null {
    const { producerId, producerEpoch, baseSequence } = batch
    const state = this.byId.get(producerId)
    // no state at all: it expired or was never there, so any sequence may begin
    if (!state) return null
    const lastSequence = addToSequence(baseSequence, batch.count - 1)
    if (producerEpoch === state.epoch) {
      const known = state.batches.find(
        (other) => other.firstSequence === baseSequence && other.lastSequence === lastSequence,
      )
      if (known) return known
    }
    if (producerEpoch < state.epoch)
      throw new RequestError(
        'INVALID_PRODUCER_EPOCH',
        `Epoch of producer ${producerId} is ${producerEpoch}, which is smaller than the last seen epoch ${state.epoch}`,
      )
    if (producerEpoch > state.epoch) {
      if (baseSequence !== 0)
        throw new RequestError(
          'OUT_OF_ORDER_SEQUENCE_NUMBER',
          `Invalid sequence number for new epoch of producer ${producerId}: ${producerEpoch} (request epoch), ${baseSequence} (seq. number), ${state.epoch} (current producer epoch)`,
        )
    } else {
      const last = state.batches.at(-1)?.lastSequence ?? -1
      if (baseSequence !== (last === 0x7fffffff ? 0 : last + 1))
        throw new RequestError(
          'OUT_OF_ORDER_SEQUENCE_NUMBER',
          `Out of order sequence number for producer ${producerId}: ${baseSequence} (incoming seq. number), ${last} (current end sequence number)`,
        )
    }
    if (state.currentTxnStartOffset >= 0 && !batch.transactional)
      throw new RequestError(
        'INVALID_TXN_STATE',
        `Expected transactional write from producer ${producerId}: it has a transaction going on`,
      )
    return null
  }

  /** Takes note of a data batch that was appended. */
  appended(batch: RecordBatch, baseOffset: number, lastOffset: number, timestamp: number): void {
    const { producerId } = batch
    const state = this.stateOf(producerId, batch.producerEpoch)
    state.lastTimestamp = timestamp
    if (batch.baseSequence >= 0) {
      if (state.batches.length === REMEMBERED) state.batches.shift()
      state.batches.push({
        firstSequence: batch.baseSequence,
        // compaction may have taken records out of the batch, but not offsets out of its span
        lastSequence: addToSequence(batch.baseSequence, lastOffset - baseOffset),
        baseOffset,
        lastOffset,
        timestamp,
      })
    }
    if (batch.transactional && state.currentTxnStartOffset < 0) {
      state.currentTxnStartOffset = baseOffset
      this.ongoing.set(producerId, baseOffset)
    }
  }

  /** Throws what forbids the coordinator to end the producer's transaction. */
  validateMarker(producerId: number, producerEpoch: number, coordinatorEpoch: number): void {
    const state = this.byId.get(producerId)
    if (!state) return
    if (producerEpoch < state.epoch)
      throw new RequestError(
        'INVALID_PRODUCER_EPOCH',
        `Epoch of producer ${producerId} is ${producerEpoch}, which is smaller than the last seen epoch ${state.epoch}`,
      )
    if (coordinatorEpoch < state.coordinatorEpoch)
      throw new RequestError(
        'TRANSACTION_COORDINATOR_FENCED',
        `Invalid coordinator epoch for producer ${producerId}: ${coordinatorEpoch} (zombie), ${state.coordinatorEpoch} (current)`,
      )
  }

  /** Takes note of a marker; gives the first offset of the transaction that it ended, -1 when there was none. */
  ended(producerId: number, producerEpoch: number, coordinatorEpoch: number, timestamp: number): number {
    const state = this.stateOf(producerId, producerEpoch)
    const first = state.currentTxnStartOffset
    state.currentTxnStartOffset = -1
    state.coordinatorEpoch = coordinatorEpoch
    state.lastTimestamp = timestamp
    this.ongoing.delete(producerId)
    return first
  }

  /** Forgets producers that have been silent since `before`, as `producer.id.expiration.ms` asks. */
  expire(before: number): void {
    for (const [id, state] of this.byId)
      if (state.currentTxnStartOffset < 0 && state.lastTimestamp < before) this.byId.delete(id)
  }

  views(): ProducerView[] {
    return [...this.byId.values()].map((state) => ({
      producerId: state.producerId,
      producerEpoch: state.epoch,
      lastSequence: state.batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: state.lastTimestamp,
      coordinatorEpoch: state.coordinatorEpoch,
      currentTxnStartOffset: state.currentTxnStartOffset,
    }))
  }

  snapshot(): ProducerState[] {
    return [...this.byId.values()]
  }

  restore(states: readonly ProducerState[]): void {
    const undecided: [number, number][] = []
    for (const state of states) {
      this.byId.set(state.producerId, { ...state, batches: [...state.batches] })
      if (state.currentTxnStartOffset >= 0) undecided.push([state.producerId, state.currentTxnStartOffset])
    }
    undecided.sort((a, b) => a[1] - b[1])
    for (const [id, offset] of undecided) this.ongoing.set(id, offset)
  }

  private stateOf(producerId: number, epoch: number): ProducerState {
    let state = this.byId.get(producerId)
    if (!state) {
      state = {
        producerId,
        epoch,
        coordinatorEpoch: -1,
        currentTxnStartOffset: -1,
        lastTimestamp: -1,
        batches: [],
      }
      this.byId.set(producerId, state)
    } else if (epoch !== state.epoch) {
      state.epoch = epoch
      state.batches = []
    }
    return state
  }
}
