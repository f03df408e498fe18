import { ConnectError, type Props } from '@isthmus/sdk'
import type { HostPort } from '../host/inside/host-port.ts'
import type { ConnectorSpec, Orders } from '../host/messages.ts'
import { contextOf } from '../log/log.ts'
import { connectorVersion } from '../plugins/version.ts'
import type { TargetState } from '../state/status.ts'
import { thrownError } from '../text/trace.ts'
import { changeToward, heldIn, type Phase } from './phase.ts'
import { CONNECTOR_LOGGER, resolveConfig, type StartedConnector, startConnector } from './start.ts'
import { taskConfigsOf } from './task-configs.ts'

/** A connector instance: started, paused or stopped as its target says, and asked for task configs while started. */
export interface ConnectorInstance {
  retarget(state: TargetState): void
  taskConfigs(order: Orders['task-configs']['ask']): Promise<readonly Props[]>
  /** Stops the connector and releases everything; settles when that is done. */
  close(): Promise<void>
  /** After `close`, which has taken too long: let go. */
  cancel(): void
}

/** Changes run one after the other; the last target wins. */
export function openConnector(spec: ConnectorSpec, hostPort: HostPort): ConnectorInstance {
  const log = hostPort.logger(CONNECTOR_LOGGER, contextOf(spec))
  const closing = new AbortController()
  const cancelled = new AbortController()
  let phase: Phase = { type: 'resting', reached: null }
  let target = spec.target
  let changes: Promise<void> = Promise.resolve()
  hostPort.version(connectorVersion(spec.worker.plugins, spec.connectorConfig))

  const fail = (what: string, thrown: unknown): void => {
    if (phase.type === 'failed' || closing.signal.aborted) return
    phase = { ...heldIn(phase), type: 'failed' }
    const error = thrownError(thrown)
    log.error(what, error)
    hostPort.state('FAILED', error)
  }
  const raise = (error: unknown) => fail(`Connector ${spec.connector} raised an error`, error)
  /** False when it has failed; an error that it raised meanwhile is not overwritten by its start. */
  const hasStarted = (watch: Disposable | null, connector: StartedConnector): boolean => {
    const failed = phase.type === 'failed'
    phase = { type: failed ? 'failed' : 'started', watch, connector }
    return !failed
  }
  const start = async (): Promise<boolean> => {
    try {
      const config = await resolveConfig(spec, hostPort)
      phase = { type: 'starting', watch: config.watch }
      return hasStarted(config.watch, await startConnector(spec, config, hostPort, raise, cancelled.signal))
    } catch (error) {
      fail(`Error while starting connector ${spec.connector}`, error)
      return false
    }
  }
  const release = async (): Promise<void> => {
    const { watch, connector } = heldIn(phase)
    phase = { type: 'resting', reached: null }
    watch?.[Symbol.dispose]()
    await connector?.close()
  }
  const stop = async (goal: Exclude<TargetState, 'STARTED'>): Promise<boolean> => {
    try {
      await release()
    } catch (error) {
      if (goal === 'PAUSED') {
        fail(`Error while pausing connector ${spec.connector}`, error)
        return false
      }
      log.error('Error while shutting down connector', error)
    }
    phase = { type: 'resting', reached: goal }
    return true
  }
  const change = async (): Promise<void> => {
    if (closing.signal.aborted) return
    const goal = target
    const how = changeToward(phase, goal)
    if (how === 'nothing') return
    if (how === 'start' && !(await start())) return
    if (how === 'stop' && goal !== 'STARTED' && !(await stop(goal))) return
    hostPort.state(goal === 'STARTED' ? 'RUNNING' : goal)
  }
  const proceed = (): void => {
    changes = changes.then(change)
  }
  proceed()

  return {
    retarget(state) {
      target = state
      proceed()
    },
    async taskConfigs(order) {
      await changes
      const { connector } = heldIn(phase)
      if (connector === null)
        throw new ConnectError(
          'state',
          `Connector ${spec.connector} is not running and cannot configure its tasks`,
        )
      return taskConfigsOf(connector, spec, order, (message) => log.warn(message))
    },
    async close() {
      closing.abort()
      await changes
      await release().catch((error) => log.error('Error while shutting down connector', error))
    },
    cancel: () => cancelled.abort(),
  }
}
