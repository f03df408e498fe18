import { ConnectError } from '@isthmus/sdk'
import { answerCheck } from '../../checks/answers.ts'
import { type ConnectorInstance, openConnector } from '../../connector/connector.ts'
import { openLineFilter } from '../../log/levels.ts'
import type { Log, Logger } from '../../log/log.ts'
import { contextOf, loggerOf } from '../../log/log.ts'
import { type Owner, openOwner, runAs } from '../../secrets/owner.ts'
import { forgetSecrets, publicMessage } from '../../secrets/secrets.ts'
import { type Control, openControl } from '../../task/control.ts'
import type { KafkaClients } from '../../task/kafka.ts'
import { noMeter } from '../../task/meter.ts'
import { openGroupChanges } from '../../task/sink/group-changes.ts'
import { runTask } from '../../task/task.ts'
import { messageOf, traceOf } from '../../text/trace.ts'
import { openConversation, reply } from '../ask.ts'
import type {
  CheckSpec,
  FromHost,
  FromInstance,
  InstanceSpec,
  Orders,
  Questions,
  ToInstance,
} from '../messages.ts'
import type { HostPort } from './host-port.ts'
import { openLogFlow } from './log-flow.ts'

/** The inside of a host: runs the instances it is told to, whatever kind of host it is. */
export interface Inside {
  receive(message: ToInstance): void
  /** For lines of the host itself; what is secret is taken out of them on the way. */
  readonly log: Log
}

export interface InsideOptions {
  readonly send: (message: FromHost) => void
  readonly kafka: () => Promise<KafkaClients>
}

interface Running {
  receive(message: ToInstance): void
}

export function openInside(options: InsideOptions): Inside {
  const { kafka } = options
  const send = (message: FromHost) => options.send(publicMessage(message))
  const running = new Map<number, { readonly instance: Running; readonly owner: Owner }>()
  const flow = openLogFlow((entry) => send({ type: 'log', entry }))
  let isWanted: ReturnType<typeof openLineFilter> = () => true
  const log: Log = (entry) => {
    if (isWanted(entry)) flow.log(entry)
  }
  return {
    log,
    receive(message) {
      const { instance } = message
      if (message.type === 'logged') return flow.written(message.lines)
      if (message.type === 'levels') {
        isWanted = openLineFilter(message.levels)
        return
      }
      if (message.type === 'open') {
        const { spec } = message
        const owner = openOwner(contextOf(spec))
        const ended = () => {
          running.delete(instance)
          send({ type: 'ended', instance })
          forgetSecrets(owner)
        }
        const opened = runAs(owner, () => openInstance(instance, spec, { send, kafka, log, ended }))
        running.set(instance, { instance: opened, owner })
        return
      }
      const known = running.get(instance)
      if (known !== undefined) runAs(known.owner, () => known.instance.receive(message))
      else if (message.type === 'ask')
        send({
          type: 'answer',
          instance,
          id: message.id,
          error: { message: 'The instance has ended', code: 'state' },
        })
    },
  }
}

interface Around extends InsideOptions {
  readonly log: Log
  readonly ended: () => void
}

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

function openInstance(instance: number, spec: InstanceSpec, { send, kafka, log, ended }: Around): Running {
  let version: string | null = null
  let silenced = false
  const say = (message: { [M in FromInstance as M['type']]: Omit<M, 'instance'> }[FromInstance['type']]) =>
    send({ instance, ...message } as FromInstance)
  const questions = openConversation<Questions>((message) => say(message as never))
  const hostPort: HostPort = {
    ask: questions.ask,
    state(state, error) {
      if (silenced) return
      // what was thrown may be undefined
      const failed = state === 'FAILED'
      say({
        type: 'state',
        state,
        trace: failed ? traceOf(error) : null,
        message: failed ? messageOf(error) : null,
        version,
      })
    },
    reconfigure: () => say({ type: 'reconfigure' }),
    reload: () => say({ type: 'reload' }),
    alive: () => say({ type: 'alive' }),
    topicUsed: rarely((topic) => say({ type: 'topic', topic })),
    version(value) {
      version = value
    },
    logger: (name, context): Logger => loggerOf(log, name, context),
    meter: noMeter,
    kafka,
  }
  const end = () => {
    questions.close(new ConnectError('state', 'The instance has ended'))
    ended()
  }
  const answer = (id: number, run: () => Promise<unknown>) =>
    void reply(id, run, (message) => say(message as never))
  /** A cancelled instance writes no more statuses: another one may run in its place by then. */
  const silence = () => {
    silenced = true
  }
  if (spec.kind === 'check') return checkSide(spec, hostPort, questions, answer, end)
  return spec.kind === 'connector'
    ? connectorSide(openConnector(spec, hostPort), questions, answer, end)
    : taskSide(spec, hostPort, questions, answer, end, silence)
}

type Answer = (id: number, run: () => Promise<unknown>) => void
type Answered = Parameters<ReturnType<typeof openConversation<Questions>>['answered']>[0]

function connectorSide(
  connector: ConnectorInstance,
  questions: { answered(message: Answered): void },
  answer: Answer,
  end: () => void,
): Running {
  return {
    receive(message) {
      if (message.type === 'answer') questions.answered(message)
      else if (message.type === 'target') connector.retarget(message.state)
      else if (message.type === 'stop') void connector.close().then(end)
      else if (message.type === 'ask' && message.what === 'task-configs')
        answer(message.id, () => connector.taskConfigs(message.ask as Orders['task-configs']['ask']))
    },
  }
}

function checkSide(
  spec: CheckSpec,
  hostPort: HostPort,
  questions: { answered(message: Answered): void },
  answer: Answer,
  end: () => void,
): Running {
  return {
    receive(message) {
      if (message.type === 'answer') questions.answered(message)
      else if (message.type === 'stop') end()
      else if (message.type === 'ask') answer(message.id, () => answerCheck(spec, message, hostPort))
    },
  }
}

function taskSide(
  spec: InstanceSpec & { kind: 'task' },
  hostPort: HostPort,
  questions: { answered(message: Answered): void },
  answer: Answer,
  end: () => void,
  silence: () => void,
): Running {
  const control: Control = openControl(spec.target)
  const changes = openGroupChanges(control.wake)
  void runTask(spec, hostPort, control, changes).then(end)
  return {
    receive(message) {
      if (message.type === 'answer') questions.answered(message)
      else if (message.type === 'target') control.retarget(message.state)
      else if (message.type === 'stop') control.stop()
      else if (message.type === 'cancel') {
        silence()
        control.cancel()
      } else if (message.type === 'ask' && message.what === 'group')
        answer(message.id, () => changes.push(message.ask as Orders['group']['ask']))
    },
  }
}
