import { ConnectError } from '@isthmus/sdk'
import { type Answers, openConversation, reply } from '../host/conversation.ts'
import { parseTaskConfigs, requireQuestion } from '../host/from-host.ts'
import type { FromInstance, InstanceSpec, Orders, Questions, ToInstance } from '../host/messages.ts'
import { contextOf, type Log, loggerOf } from '../log/log.ts'
import { hiding } from '../secrets/hiding.ts'
import { publicEntry, publicThrown } from '../secrets/secrets.ts'
import { decodeEntries, decodeFlat, encodeEntries, encodeFlat } from '../store/offsets/bytes.ts'
import type { OffsetStore } from '../store/stores.ts'
import type { KafkaClients } from '../task/kafka.ts'
import { messageOf, traceOf } from '../text/trace.ts'
import { atMost } from '../waiting.ts'
import type { Instance, Observer } from './instance.ts'
import {
  type InstanceAction,
  type InstanceEvent,
  type InstancePhase,
  nextInstance,
} from './instance-phase.ts'
import type { LeavingMembers } from './leaving-members.ts'
import type { HostLease, Lessee } from './pool.ts'
import { openSinkGroup, type SinkGroup } from './sink-group.ts'

export const WORKER_LOGGER = 'org.apache.kafka.connect.runtime.Worker'

export interface HostedInstanceParts {
  readonly spec: InstanceSpec
  readonly observer: Observer
  readonly lease: (lessee: Lessee) => HostLease
  readonly kafka: KafkaClients
  readonly offsets: OffsetStore
  readonly leaving: LeavingMembers
  readonly log: Log
}

export interface HostedInstance extends Instance {
  /** Gives back all that it has, without a word to its code; settles when that is done. */
  letGo(): Promise<void>
  /** Settles when it holds nothing any more. */
  readonly finished: Promise<void>
}

/** Opens an instance in a host, answers what it asks, and tells its observer what it says. Throws when there is no host for it. */
export function openHostedInstance(parts: HostedInstanceParts): HostedInstance {
  const { spec, observer, kafka, offsets, leaving, log } = parts
  const logger = loggerOf(log, WORKER_LOGGER, contextOf(spec))
  const finished = Promise.withResolvers<void>()
  let phase: InstancePhase = { type: 'open', failed: false }
  /** Of a sink task, once it has joined. */
  let group: SinkGroup | null = null

  const step = (event: InstanceEvent): void => {
    const next = nextInstance(phase, event)
    phase = next.phase
    for (const action of next.actions) carryOut(action)
  }
  const carryOut = (action: InstanceAction) => {
    switch (action.type) {
      case 'report': {
        const { what, error } = action
        // whoever asked for a check is told by its answer
        if (spec.kind !== 'check') logger.error(what, error)
        return observer.state('FAILED', { trace: traceOf(error), message: messageOf(error), version: null })
      }
      case 'warn':
        return logger.warn(action.message, action.error)
      case 'post':
        return lease.post(action.message)
      case 'finish':
        return void finish(action.hung)
    }
  }
  const finish = async (hung: boolean): Promise<void> => {
    orders.close(new ConnectError('state', 'The instance has ended'))
    try {
      if (group !== null) await leaving.leave(group, logger)
      await lease.release(hung)
    } catch (error) {
      // whoever waits for the end goes on: a lease that is not given back must not keep the worker out of its group
      logger.error('The host of the instance could not be given back', error)
    } finally {
      finished.resolve()
    }
  }
  const post = (message: ToInstance): void => {
    if (phase.type !== 'ended') lease.post(message)
  }
  const orders = openConversation<Orders>(post)

  const join = ({ hidden, ...membership }: Questions['join']['ask']): SinkGroup => {
    const hide = hiding(hidden)
    return openSinkGroup(
      membership,
      kafka,
      (change) => orders.ask('group', change).catch(() => null),
      (thrown) => {
        const error = publicThrown(thrown, hide)
        const what = `The membership of the task in its consumer group ended: ${messageOf(error)}`
        step({ type: 'failed', what, error })
        post({ type: 'stop' })
      },
      (name) => loggerOf((entry) => log(publicEntry(entry, hide)), name, contextOf(spec)),
    )
  }
  const answers: Answers<Questions> = {
    ...offsetAnswers(spec.connector, offsets),
    async join(ask) {
      if (group !== null) throw new ConnectError('state', 'The task has joined its group')
      group = join(ask)
      return null
    },
    async commit(committed) {
      if (group === null) throw new ConnectError('state', 'The task has not joined its group')
      await group.commit(committed)
      return null
    },
  }

  const receive = (message: FromInstance) => {
    if (phase.type === 'ended') return
    switch (message.type) {
      case 'state':
        // what was on its way when it failed is not the last word
        return phase.failed ? undefined : observer.state(message.state, message)
      case 'ended':
        return step({ type: 'ended' })
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
        return void reply(message, answers, post, requireQuestion)
    }
  }
  const lease = parts.lease({
    receive,
    died(error) {
      const what = `The ${spec.kind} died, and will not recover until it is restarted: ${messageOf(error)}`
      step({ type: 'failed', what, error })
      step({ type: 'ended' })
    },
  })
  post({ type: 'open', spec })

  return {
    finished: finished.promise,
    retarget: (state) => post({ type: 'target', state }),
    async ask(what, question) {
      const answer = await orders.ask(what, question)
      if (what === 'task-configs') parseTaskConfigs(answer)
      return answer
    },
    async stop(deadlineMs, idle = false) {
      step({ type: 'stop', withdrawn: phase.type === 'open' && lease.withdraw() })
      await atMost(finished.promise, deadlineMs)
      step({ type: 'late', deadlineMs, idle })
      await finished.promise
    },
    async letGo() {
      if (phase.type === 'ended') return
      step({ type: 'ended' })
      await finished.promise
    },
  }
}

const offsetAnswers = (
  connector: string,
  offsets: OffsetStore,
): Answers<Pick<Questions, 'offsets' | 'store-offsets' | 'all-offsets'>> => ({
  async offsets(partitions) {
    const found = await offsets.read(
      connector,
      partitions.map((text) => decodeFlat(text) ?? {}),
    )
    return found.map((offset) => offset && encodeFlat(offset))
  },
  async 'store-offsets'(entries) {
    await offsets.write(connector, decodeEntries(entries))
    return null
  },
  async 'all-offsets'() {
    return encodeEntries(await offsets.all(connector))
  },
})
