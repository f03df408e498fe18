import { ConnectError } from '@isthmus/sdk'
import type { ConnectorSpec } from '../host/messages.ts'
import type { Logger } from '../log/log.ts'
import type { TargetState } from '../state/status.ts'
import { CONNECTOR_STOP_MS, type Instance, type Observer } from './instance.ts'

export interface HostedConnectorParts {
  readonly spec: ConnectorSpec
  readonly observer: Observer
  /** Of its plugin; null when that is not known. */
  readonly version: string | null
  readonly open: (spec: ConnectorSpec, observer: Observer) => Instance
  readonly log: Logger
}

/**
 * A connector instance that has a place in a host only from its start to its end: one that is paused or stopped needs none. A pause or
 * stop that its code does not finish in time is carried out by force.
 */
export function openHostedConnector({ spec, observer, version, open, log }: HostedConnectorParts): Instance {
  let target = spec.target
  let inner: Instance | null = null
  /** Ended instances whose place is not given back yet. */
  const leaving = new Set<Promise<void>>()
  let late: NodeJS.Timeout | null = null
  let failed = false
  let ending = false
  let closing = false

  const rest = () => {
    if (!closing) observer.state(target as InactiveState, { trace: null, message: null, version })
  }
  const giveUpPlace = async (deadlineMs: number): Promise<void> => {
    const one = inner
    inner = null
    clearTimeout(late ?? undefined)
    if (one === null) return
    const gone = Promise.try(() => one.stop(deadlineMs)).catch((error: unknown) => {
      log.error('The connector could not be stopped', error)
    })
    leaving.add(gone)
    await gone
    leaving.delete(gone)
  }
  const end = async (deadlineMs: number) => {
    ending = true
    await giveUpPlace(deadlineMs)
    ending = false
    failed = false
    if (closing) return
    if (target === 'STARTED') start()
    else rest()
  }
  const start = () => {
    const one: Instance = open(
      { ...spec, target: 'STARTED' },
      {
        ...observer,
        state(state, seen) {
          if (inner !== one) return
          clearTimeout(late ?? undefined)
          failed = state === 'FAILED'
          observer.state(state, seen)
          if (state === target) void giveUpPlace(CONNECTOR_STOP_MS)
        },
      },
    )
    inner = one
  }

  if (target === 'STARTED') start()
  else queueMicrotask(() => inner === null && rest())
  return {
    retarget(state) {
      if (closing) return
      target = state
      clearTimeout(late ?? undefined)
      if (inner === null) {
        if (ending) return
        if (state === 'STARTED') start()
        else queueMicrotask(() => inner === null && target === state && rest())
        return
      }
      // one that failed stays so until it is restarted, but it may be stopped
      if (failed) {
        if (state === 'STOPPED') void end(CONNECTOR_STOP_MS)
        return
      }
      inner.retarget(state)
      if (state !== 'STARTED') late = setTimeout(() => void end(0), CONNECTOR_STOP_MS)
    },
    ask: (what, question) =>
      inner === null
        ? Promise.reject(new ConnectError('state', `Connector ${spec.connector} is not running`))
        : inner.ask(what, question),
    async stop(deadlineMs) {
      closing = true
      void giveUpPlace(deadlineMs)
      await Promise.all(leaving)
    },
  }
}

type InactiveState = Exclude<TargetState, 'STARTED'>
