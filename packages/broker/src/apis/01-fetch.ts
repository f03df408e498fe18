import { errorIds } from '@isthmus/protocol'
import { fetch } from '@isthmus/protocol/apis'
import type { BrokerContext, Call } from '../context.ts'
import { refuseLeaderEpoch } from '../log/leader-epoch.ts'
import type { AbortedTransaction, Isolation, Log } from '../log/log.ts'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, RequestError } from '../request-error.ts'

interface Wanted {
  readonly partition: number
  readonly currentLeaderEpoch: number
  readonly fetchOffset: number
  readonly partitionMaxBytes: number
}
interface Asked {
  readonly topic: string
  readonly topicId: string
  readonly partitions: readonly Wanted[]
}
interface Fetched {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly abortedTransactions: readonly AbortedTransaction[] | null
  readonly records: Buffer
}
interface Round {
  readonly responses: { topic: string; topicId: string; partitions: Fetched[] }[]
  readonly bytes: number
  readonly failed: boolean
  /** Where more may come, with the size at the time of reading. */
  readonly logs: { log: Log; size: number }[]
}

const NOTHING = Buffer.alloc(0)

/**
 * v7: fetch sessions, which a broker may decline: every answer says session 0, so every request is a whole one
 * v9: leader epochs · v11: racks · v12: diverging epochs, for followers only · v13: topics by id
 */
export const fetchEndpoint = endpoint(fetch, (broker, request, call) => {
  if (request.sessionId !== 0) return { errorCode: errorIds.FETCH_SESSION_ID_NOT_FOUND, responses: [] }
  const isolation = request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted'
  const read = () => readRound(broker, request.topics, request.maxBytes, isolation, call.version)
  const round = read()
  const enough = (r: Round) =>
    r.bytes >= request.minBytes || r.failed || r.logs.length === 0 || request.maxWaitMs <= 0
  if (enough(round)) return { responses: round.responses }
  return longPoll(round)

  async function longPoll(first: Round) {
    const deadline = performance.now() + request.maxWaitMs
    let latest = first
    for (;;) {
      const left = deadline - performance.now()
      if (left <= 0 || !(await somethingChanged(latest, request.minBytes, left, call))) break
      latest = read()
      if (enough(latest)) break
    }
    return { responses: latest.responses }
  }
})

function readRound(
  broker: BrokerContext,
  topics: readonly Asked[],
  maxBytes: number,
  isolation: Isolation,
  version: number,
): Round {
  let bytes = 0
  let failed = false
  const logs: { log: Log; size: number }[] = []
  const responses = topics.map(({ topic: name, topicId, partitions }) => {
    const topic = version < 13 ? broker.topics.named(name) : broker.topics.withId(topicId)
    return {
      topic: name,
      topicId,
      partitions: partitions.map((wanted) => {
        try {
          const partition = topic && broker.topics.partition(topic.name, wanted.partition)
          if (!partition)
            throw new RequestError(topic || version < 13 ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'UNKNOWN_TOPIC_ID')
          refuseLeaderEpoch(wanted.currentLeaderEpoch)
          const fetched = readPartition(partition.log, wanted, maxBytes - bytes, bytes === 0, isolation)
          bytes += fetched.records.length
          logs.push({ log: partition.log, size: partition.log.size })
          return fetched
        } catch (error) {
          failed = true
          return refused(wanted.partition, errorCodeOf(error))
        }
      }),
    }
  })
  return { responses, bytes, failed, logs }
}

/** `atLeastOne`: a first batch bigger than all limits is sent all the same, so that the consumer gets past it. */
function readPartition(
  log: Log,
  { partition, fetchOffset, partitionMaxBytes }: Wanted,
  room: number,
  atLeastOne: boolean,
  isolation: Isolation,
): Fetched {
  const most = Math.min(partitionMaxBytes, room)
  const read =
    most > 0 || atLeastOne
      ? log.read(fetchOffset, most, isolation)
      : { records: NOTHING, abortedTransactions: null }
  const fits = atLeastOne || read.records.length <= most
  return {
    partitionIndex: partition,
    errorCode: 0,
    highWatermark: log.endOffset,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.startOffset,
    abortedTransactions: read.abortedTransactions,
    records: fits ? read.records : NOTHING,
  }
}

function refused(partitionIndex: number, errorCode: number): Fetched {
  return {
    partitionIndex,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: null,
    records: NOTHING,
  }
}

/** Settles true when the logs may have `minBytes` now, false when the time is up or nobody waits any more. */
function somethingChanged(round: Round, minBytes: number, waitMs: number, call: Call): Promise<boolean> {
  return new Promise((resolve) => {
    const registrations = new Map<Log, Disposable>()
    const timer = setTimeout(() => settle(false), waitMs)
    const stop = () => settle(false)
    call.signal.addEventListener('abort', stop)
    const listen = (log: Log) =>
      registrations.set(
        log,
        log.onceChanged(() => changed(log)),
      )
    for (const { log } of round.logs) listen(log)

    function changed(log: Log): void {
      let bytes = round.bytes
      for (const { log: other, size } of round.logs) bytes += Math.max(0, other.size - size)
      // a log that shrank was cleaned: look again
      const over = round.logs.some(({ log: other, size }) => other.gone || other.size < size)
      if (bytes >= minBytes || over) settle(true)
      else listen(log)
    }
    function settle(value: boolean): void {
      clearTimeout(timer)
      call.signal.removeEventListener('abort', stop)
      for (const registration of registrations.values()) registration[Symbol.dispose]()
      resolve(value)
    }
  })
}
