import { availableParallelism } from 'node:os'
import { ConnectError, type PartitionOffset } from '@isthmus/sdk'
import { parseOwnHosts } from '../config/hosts.ts'
import { openConversation, reply } from '../host/ask.ts'
import { checkedTaskConfigs, checkQuestion } from '../host/from-host.ts'
import type { Isolation, OpenHost } from '../host/host.ts'
import type { FromInstance, InstanceSpec, Orders, Questions, ToInstance } from '../host/messages.ts'
import { openSpareHosts } from '../host/spare-host.ts'
import type { LogFilter } from '../log/levels.ts'
import { contextOf, type Log, loggerOf } from '../log/log.ts'
import { connectorVersion } from '../plugins/version.ts'
import { hiding } from '../secrets/hiding.ts'
import { publicEntry, publicThrown } from '../secrets/secrets.ts'
import { decodeEntries, decodeFlat, encodeEntries, encodeFlat } from '../store/offsets/bytes.ts'
import type { OffsetStore } from '../store/stores.ts'
import type { KafkaClients } from '../task/kafka.ts'
import { messageOf, traceOf } from '../text/trace.ts'
import { openDepartures } from './departures.ts'
import { openHostedConnector } from './hosted-connector.ts'
import type { Instance, Observer } from './instance.ts'
import { type Limits, openPool } from './pool.ts'
import { openSinkGroup, type SinkGroup } from './sink-group.ts'

const WORKER = 'org.apache.kafka.connect.runtime.Worker'

/** Opens instances in hosts and answers what they ask. */
export interface Instances extends AsyncDisposable {
  open(spec: InstanceSpec, observer: Observer): Instance
}

export interface InstancesParts {
  readonly openHost: OpenHost
  readonly kafka: KafkaClients
  readonly offsets: OffsetStore
  /** The worker's own limits; a connector may set others. */
  readonly limits: {
    readonly threads: number | null
    readonly threadsMax: number | null
    readonly isolation: Isolation
    readonly memoryMaxMb: number
  }
  readonly log: Log
  readonly levels?: LogFilter | undefined
}

export function openInstances({ openHost, kafka, offsets, limits, log, levels }: InstancesParts): Instances {
  const hosts = openSpareHosts(openHost, limits)
  const pool = openPool(hosts.open, log, levels)
  const departures = openDepartures()
  const unfinished = new Set<(hung?: boolean) => Promise<void>>()

  const openInHost = (spec: InstanceSpec, observer: Observer): Instance => {
    const ended = Promise.withResolvers<void>()
    let group: SinkGroup | null = null
    let stopping = false
    let failed = false
    let over = false

    const finish = async (hung = false): Promise<void> => {
      if (over) return
      over = true
      unfinished.delete(finish)
      orders.close(new ConnectError('state', 'The instance has ended'))
      try {
        if (group !== null) await departures.leave(group, logger)
        await place.release(hung)
      } catch (error) {
        // whoever waits for the end goes on: a place that is not given back must not keep the worker out of its group
        logger.error('The place of the instance could not be given back', error)
      } finally {
        ended.resolve()
      }
    }
    /** What its own code cannot tell any more, as one line and its state; whoever asked for a check is told by its answer. */
    const fail = (what: string, error: unknown): void => {
      if (over) return
      if (stopping) {
        logger.warn(`While it was stopping: ${what}`, error)
        return
      }
      failed = true
      if (spec.kind !== 'check') logger.error(what, error)
      observer.state('FAILED', { trace: traceOf(error), message: messageOf(error), version: null })
    }
    const answer = async (message: FromInstance & { type: 'ask' }): Promise<unknown> => {
      const asked = message as { what: keyof Questions; ask: unknown }
      checkQuestion(asked.what, asked.ask)
      switch (asked.what) {
        case 'offsets': {
          const partitions = (asked.ask as Questions['offsets']['ask']).map((text) => decodeFlat(text) ?? {})
          const found = await offsets.read(spec.connector, partitions)
          return found.map((offset) => offset && encodeFlat(offset))
        }
        case 'store-offsets': {
          const entries = asked.ask as Questions['store-offsets']['ask']
          return offsets.write(spec.connector, decodeEntries(entries))
        }
        case 'all-offsets':
          return encodeEntries(await offsets.all(spec.connector))
        case 'join': {
          if (group !== null) throw new ConnectError('state', 'The task has joined its group')
          const join = asked.ask as Questions['join']['ask']
          const hide = hiding(join.hidden)
          group = openSinkGroup(
            join,
            kafka,
            (change) => orders.ask('group', change).catch(() => null),
            (thrown) => {
              const error = publicThrown(thrown, hide)
              fail(`The membership of the task in its consumer group ended: ${messageOf(error)}`, error)
              post({ type: 'stop' })
            },
            (logger) => loggerOf((entry) => log(publicEntry(entry, hide)), logger, contextOf(spec)),
          )
          return null
        }
        case 'commit':
          if (group === null) throw new ConnectError('state', 'The task has not joined its group')
          return group.commit(asked.ask as readonly PartitionOffset[])
        default:
          return asked.what satisfies never
      }
    }
    const place = pool.place(spec, limitsOf(spec, limits), {
      receive(message) {
        switch (message.type) {
          case 'state':
            // what was on its way when it failed is not the last word
            return failed ? undefined : observer.state(message.state, message)
          case 'ended':
            return void finish()
          case 'reconfigure':
            return observer.reconfigure()
          case 'reload':
            return observer.reload?.()
          case 'alive':
            return group?.alive()
          case 'topic':
            return observer.topicUsed(message.topic)
          case 'answer':
            return orders.answered(message)
          case 'ask':
            return void reply(
              message.id,
              () => answer(message),
              (reply) => post(reply),
            )
          default:
            return message satisfies never
        }
      },
      died(error) {
        fail(`The ${spec.kind} died, and will not recover until it is restarted: ${messageOf(error)}`, error)
        void finish()
      },
    })
    const post = (message: object) => {
      if (!over) place.post({ instance: place.instance, ...message } as ToInstance)
    }
    const orders = openConversation<Orders>(post)
    const logger = loggerOf(log, WORKER, contextOf(spec))
    unfinished.add(finish)
    post({ type: 'open', spec })
    return {
      retarget: (state) => post({ type: 'target', state }),
      async ask(what, question) {
        const answer = await (orders.ask as Instance['ask'])(what, question)
        if (what === 'task-configs') checkedTaskConfigs(answer)
        return answer
      },
      async stop(deadlineMs, idle = false) {
        const first = !stopping
        stopping = true
        // nothing of it has begun: a group is not to wait for the start of a thread
        if (first && place.withdraw()) return await finish()
        if (first) post({ type: 'stop' })
        const timer = setTimeout(() => {
          if (over) return
          if (idle) return void finish()
          logger.warn(
            deadlineMs === 0
              ? 'Graceful stop did not succeed in time; it is cancelled.'
              : `Graceful stop did not succeed within ${deadlineMs} ms; it is cancelled.`,
          )
          post({ type: 'cancel' })
          void finish(true)
        }, deadlineMs)
        await ended.promise
        clearTimeout(timer)
      },
    }
  }
  /** A config that is older than its rules, or another worker's, may ask for a host that cannot be. */
  const openPlaced = (spec: InstanceSpec, observer: Observer): Instance => {
    try {
      return openInHost(spec, observer)
    } catch (error) {
      return openUnplaced(error, observer)
    }
  }
  return {
    open: (spec, observer) =>
      spec.kind === 'connector'
        ? openHostedConnector({
            spec,
            observer,
            version: connectorVersion(spec.worker.plugins, spec.connectorConfig),
            open: openPlaced,
            log: loggerOf(log, WORKER, contextOf(spec)),
          })
        : openPlaced(spec, observer),
    async [Symbol.asyncDispose]() {
      await Promise.all([...unfinished].map((finish) => finish()))
      await departures[Symbol.asyncDispose]()
      await pool[Symbol.asyncDispose]()
      await hosts[Symbol.asyncDispose]()
    },
  }
}

/** An instance that no host was opened for. It has failed, and says so in the next turn, as no instance does before it is known. */
function openUnplaced(error: unknown, observer: Observer): Instance {
  let stopping = false
  queueMicrotask(() => {
    if (!stopping)
      observer.state('FAILED', { trace: traceOf(error), message: messageOf(error), version: null })
  })
  return {
    retarget() {},
    ask: () => Promise.reject(error),
    async stop() {
      stopping = true
    },
  }
}

/** A check runs with the worker's limits where the connector's are wrong: it is there to say so. */
function limitsOf({ kind, connectorConfig }: InstanceSpec, worker: InstancesParts['limits']): Limits {
  try {
    return limitsWith(parseOwnHosts(connectorConfig), worker)
  } catch (error) {
    if (kind !== 'check') throw error
    return limitsWith(parseOwnHosts({}), worker)
  }
}

function limitsWith(own: ReturnType<typeof parseOwnHosts>, worker: InstancesParts['limits']): Limits {
  const { 'task.threads': threads, 'task.memory.max.mb': memoryMaxMb } = own
  const isolation = own['task.isolation'] as Isolation | null
  return {
    threads: threads ?? worker.threads ?? availableParallelism(),
    // who asks for threads gets them
    threadsMax:
      threads === null ? (worker.threadsMax ?? THREADS_PER_CORE * availableParallelism()) : Infinity,
    isolation: isolation ?? worker.isolation,
    memoryMaxMb: memoryMaxMb ?? worker.memoryMaxMb,
  }
}

/** An idle thread takes 20 MiB and more, and a tenth of a second to start. */
const THREADS_PER_CORE = 8
