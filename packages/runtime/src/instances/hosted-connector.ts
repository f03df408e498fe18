import { ConnectError } from '@isthmus/sdk'
import type { ConnectorSpec } from '../host/messages.ts'
import type { Logger } from '../log/log.ts'
import {
  type ConnectorAction,
  type ConnectorEvent,
  type ConnectorPhase,
  connectorToward,
  nextConnector,
} from './connector-phase.ts'
import type { Instance, Observer } from './instance.ts'

export interface HostedConnectorParts {
  readonly spec: ConnectorSpec
  readonly observer: Observer
  /** Of its plugin; null when that is not known. */
  readonly version: string | null
  readonly open: (spec: ConnectorSpec, observer: Observer) => Instance
  readonly log: Logger
}

/**
 * A connector instance that has a host only from its start to its end: one that is paused or stopped needs none. A pause or stop that its
 * code does not finish in time is carried out by force.
 */
export function openHostedConnector({ spec, observer, version, open, log }: HostedConnectorParts): Instance {
  const beginning = connectorToward(spec.target)
  let { phase } = beginning
  /** While the phase is `hosted`. */
  let inner: Instance | null = null
  let timer: NodeJS.Timeout | null = null
  /** Of instances that are on their way out of their hosts. */
  const leaving = new Set<Promise<void>>()

  const step = (event: ConnectorEvent): void => {
    const now = Date.now()
    const next = nextConnector(phase, event, now)
    const deadline = deadlineOf(next.phase)
    if (deadline !== deadlineOf(phase)) {
      clearTimeout(timer ?? undefined)
      timer = deadline === null ? null : setTimeout(() => step({ type: 'late' }), deadline - now)
    }
    phase = next.phase
    for (const action of next.actions) carryOut(action)
  }
  const carryOut = (action: ConnectorAction) => {
    switch (action.type) {
      case 'open':
        return openInner()
      case 'retarget':
        return inner?.retarget(action.target)
      case 'release':
        return void release(action.deadlineMs)
      case 'end':
        return void release(action.deadlineMs).then(() => step({ type: 'ended' }))
      case 'tell':
        // no instance says anything before it is known
        return queueMicrotask(() => {
          if (phase.type === 'resting' && phase.target === action.state)
            observer.state(action.state, { trace: null, message: null, version })
        })
    }
  }
  const openInner = (): void => {
    const one: Instance = open(
      { ...spec, target: 'STARTED' },
      {
        ...observer,
        state(state, seen) {
          if (inner !== one) return
          observer.state(state, seen)
          if (inner === one) step({ type: 'state', state })
        },
      },
    )
    inner = one
  }
  const release = async (deadlineMs: number): Promise<void> => {
    const one = inner
    inner = null
    if (one === null) return
    const gone = Promise.try(() => one.stop(deadlineMs)).catch((error: unknown) => {
      log.error('The connector could not be stopped', error)
    })
    leaving.add(gone)
    await gone
    leaving.delete(gone)
  }

  for (const action of beginning.actions) carryOut(action)
  return {
    retarget: (target) => step({ type: 'target', target }),
    ask: (what, question) =>
      inner === null
        ? Promise.reject(new ConnectError('state', `Connector ${spec.connector} is not running`))
        : inner.ask(what, question),
    async stop(deadlineMs) {
      step({ type: 'close', deadlineMs })
      await Promise.all(leaving)
    },
  }
}

const deadlineOf = (phase: ConnectorPhase): number | null => (phase.type === 'hosted' ? phase.deadline : null)
