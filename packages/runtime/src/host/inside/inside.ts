import { ConnectError } from '@isthmus/sdk'
import { checkAnswers } from '../../checks/answers.ts'
import { openConnector } from '../../connector/connector.ts'
import { openLineFilter } from '../../log/levels.ts'
import { contextOf, type Log, loggerOf } from '../../log/log.ts'
import { openOwner, runAs } from '../../secrets/owner.ts'
import { forgetSecrets, publicMessage } from '../../secrets/secrets.ts'
import type { TargetState } from '../../state/status.ts'
import { openControl } from '../../task/control.ts'
import type { KafkaClients } from '../../task/kafka.ts'
import { noMeter } from '../../task/meter.ts'
import { openGroupChanges } from '../../task/sink/group-changes.ts'
import { runTask } from '../../task/task.ts'
import { messageOf, traceOf } from '../../text/trace.ts'
import { type Answers, openConversation, reply } from '../conversation.ts'
import type {
  FromHost,
  FromInstance,
  InstanceSpec,
  Orders,
  Questions,
  TaskSpec,
  ToHost,
  ToInstance,
} from '../messages.ts'
import type { HostPort } from './host-port.ts'
import { openLogFlow } from './log-flow.ts'

/** The inside of a host: runs the instances it is told to, whatever kind of host it is. */
export interface Inside {
  receive(message: ToHost): void
  /** For lines of the host itself; what is secret is taken out of them on the way. */
  readonly log: Log
}

export interface InsideOptions {
  readonly send: (message: FromHost) => void
  readonly kafka: () => Promise<KafkaClients>
}

/** Takes what is said to one instance, under its owner. */
type Receive = (message: ToInstance) => void

export function openInside(options: InsideOptions): Inside {
  const { kafka } = options
  const send = (message: FromHost) => options.send(publicMessage(message))
  const receivers = new Map<number, Receive>()
  const flow = openLogFlow((entry) => send({ type: 'log', entry }))
  let isWanted: ReturnType<typeof openLineFilter> = () => true
  const log: Log = (entry) => {
    if (isWanted(entry)) flow.log(entry)
  }
  const open = (instance: number, spec: InstanceSpec): void => {
    const owner = openOwner(contextOf(spec))
    const say = (message: FromInstance) => send({ instance, ...message })
    const ended = () => {
      receivers.delete(instance)
      say({ type: 'ended' })
      forgetSecrets(owner)
    }
    const receive = runAs(owner, () => openInstance(spec, { say, kafka, log, ended }))
    receivers.set(instance, (message) => runAs(owner, () => receive(message)))
  }
  return {
    log,
    receive(message) {
      switch (message.type) {
        case 'ping':
          return send({ type: 'pong' })
        case 'logged':
          return flow.written(message.lines)
        case 'levels':
          isWanted = openLineFilter(message.levels)
          return
        case 'open':
          return open(message.instance, message.spec)
      }
      const { instance } = message
      const receive = receivers.get(instance)
      if (receive !== undefined) receive(message)
      else if (message.type === 'ask') send({ instance, type: 'answer', id: message.id, error: ENDED })
    },
  }
}
const ENDED = { message: 'The instance has ended', code: 'state' }

/** A topic in use is told again at times: a user may have had the topics forgotten. */
const TOPIC_AGAIN_MS = 5000

function rarely(tell: (topic: string) => void): (topic: string) => void {
  const told = new Map<string, number>()
  return (topic) => {
    const now = performance.now()
    if (now - (told.get(topic) ?? -Infinity) < TOPIC_AGAIN_MS) return
    told.set(topic, now)
    tell(topic)
  }
}

interface InstanceParts extends Pick<InsideOptions, 'kafka'> {
  readonly say: (message: FromInstance) => void
  readonly log: Log
  readonly ended: () => void
}

/** An instance of any kind, as its host drives it. It says by itself when it has ended. */
interface Driven {
  retarget(state: TargetState): void
  stop(): void
  /** After the stop. */
  cancel(): void
  readonly answers: Partial<Answers<Orders>>
}

function openInstance(spec: InstanceSpec, { say, kafka, log, ended }: InstanceParts): Receive {
  let version: string | null = null
  let silenced = false
  const questions = openConversation<Questions>(say)
  const hostPort: HostPort = {
    ask: questions.ask,
    state(state, error) {
      if (silenced) return
      // what was thrown may be undefined
      const failed = state === 'FAILED'
      const trace = failed ? traceOf(error) : null
      say({ type: 'state', state, trace, message: failed ? messageOf(error) : null, version })
    },
    reconfigure: () => say({ type: 'reconfigure' }),
    reload: () => say({ type: 'reload' }),
    alive: () => say({ type: 'alive' }),
    topicUsed: rarely((topic) => say({ type: 'topic', topic })),
    version(value) {
      version = value
    },
    logger: (name, context) => loggerOf(log, name, context),
    meter: noMeter,
    kafka,
  }
  const end = () => {
    questions.close(new ConnectError('state', ENDED.message))
    ended()
  }
  const instance = drive(spec, hostPort, end)
  return (message) => {
    switch (message.type) {
      case 'answer':
        return questions.answered(message)
      case 'target':
        return instance.retarget(message.state)
      case 'stop':
        return instance.stop()
      case 'cancel':
        // a cancelled instance writes no more statuses: another one may run in its place by then
        silenced = true
        return instance.cancel()
      case 'ask':
        return void reply(message, instance.answers, say)
    }
  }
}

function drive(spec: InstanceSpec, hostPort: HostPort, end: () => void): Driven {
  switch (spec.kind) {
    case 'connector': {
      const { retarget, taskConfigs, close, cancel } = openConnector(spec, hostPort)
      return {
        retarget,
        stop: () => void close().then(end),
        cancel,
        answers: { 'task-configs': taskConfigs },
      }
    }
    case 'check': {
      const stopped = new AbortController()
      const stop = () => {
        stopped.abort()
        end()
      }
      return { retarget() {}, stop, cancel() {}, answers: checkAnswers(spec, hostPort, stopped.signal) }
    }
    case 'task':
      return driveTask(spec, hostPort, end)
  }
}

function driveTask(spec: TaskSpec, hostPort: HostPort, end: () => void): Driven {
  const control = openControl(spec.target)
  const changes = openGroupChanges(control.wake)
  void runTask(spec, hostPort, control, changes).then(end)
  return {
    retarget: control.retarget,
    stop: control.stop,
    cancel: control.cancel,
    answers: {
      async group(change) {
        await changes.push(change)
        return null
      },
    },
  }
}
