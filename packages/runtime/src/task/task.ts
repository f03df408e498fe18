import { ConnectError, type Props, type SinkPlugin, type SourcePlugin } from '@isthmus/sdk'
import { unheeded } from '../config/client-classes.ts'
import { clientsOf } from '../config/client-overrides.ts'
import { parseConnector } from '../config/connector.ts'
import { allowedOverrides } from '../config/override-policy.ts'
import { parseWorker, type WorkerConfig } from '../config/worker.ts'
import { tooManyTasks } from '../connector/connector.ts'
import type { HostPort } from '../host/inside/host-port.ts'
import type { GroupChange, TaskSpec } from '../host/messages.ts'
import { contextOf, type Logger } from '../log/log.ts'
import { loadPlugin } from '../plugins/load.ts'
import { connectorPlugin } from '../plugins/version.ts'
import { resolveProps } from '../secrets/resolve.ts'
import { lookWhenResumed, reloads } from '../secrets/watch-variables.ts'
import { messageOf, thrownError } from '../text/trace.ts'
import type { Control } from './control.ts'
import type { KafkaClients } from './kafka.ts'

/** What the tasks of sources and sinks are opened with alike. */
export interface TaskParts {
  readonly spec: TaskSpec
  /** Variables replaced. */
  readonly connectorProps: Props
  readonly taskProps: Props
  readonly workerConfig: WorkerConfig
  readonly hostPort: HostPort
  readonly control: Control
  readonly kafka: KafkaClients
  readonly stack: AsyncDisposableStack
  readonly log: Logger
  readonly context: string
}

/** Assignments of a sink, queued until its loop takes them. */
export interface ChangeQueue {
  push(change: GroupChange): Promise<void>
  take(): { readonly change: GroupChange; readonly done: () => void } | undefined
  /** The loop is over: nothing is held any more. */
  close(): void
}

export function openChangeQueue(wake: () => void): ChangeQueue {
  const queue: { change: GroupChange; done: () => void }[] = []
  let closed = false
  return {
    push(change) {
      if (closed) return Promise.resolve()
      return new Promise((done) => {
        queue.push({ change, done })
        wake()
      })
    },
    take: () => queue.shift(),
    close() {
      closed = true
      for (const { done } of queue.splice(0)) done()
    },
  }
}

/**
 * Runs one task from its configs to its end: opens everything, runs the loop, closes everything in reverse. Reports RUNNING,
 * PAUSED and FAILED; settles when all is released.
 */
export async function runTask(
  spec: TaskSpec,
  hostPort: HostPort,
  control: Control,
  changes: ChangeQueue,
): Promise<void> {
  const context = contextOf(spec)
  const log = hostPort.logger('org.apache.kafka.connect.runtime.WorkerTask', context)
  try {
    await using stack = new AsyncDisposableStack()
    const { worker } = spec
    const resolve = () => resolveProps(spec.connectorConfig, worker.props, worker.plugins)
    const resolved = await resolve()
    const { props: connectorProps } = resolved
    const { props: taskProps } = await resolveProps(spec.taskConfig, worker.props, worker.plugins)
    const config = parseConnector(connectorProps)
    if (spec.taskCount > config['tasks.max'] && config['tasks.max.enforce'])
      throw new ConnectError('connect', tooManyTasks(spec.connector, spec.taskCount, config['tasks.max']))
    const descriptor = connectorPlugin(worker.plugins, connectorProps)
    hostPort.version(descriptor.version)
    const plugin = (await loadPlugin(descriptor)) as SourcePlugin | SinkPlugin
    // before a pause begins, in which no client is opened
    const clients = clientsOf(plugin.type, connectorProps, worker.groupId)
    allowedOverrides(connectorProps, worker.props, ...clients)
    const without = unheeded(connectorProps, worker.props, clients)
    // once for the connector, not for each of its tasks
    if (spec.task === 0) for (const line of without) log.warn(line)
    if (reloads(connectorProps)) void lookWhenResumed(resolved, resolve, control, hostPort.reload, log)
    if (control.target === 'PAUSED') {
      hostPort.state('PAUSED')
      while (control.target === 'PAUSED' && !control.stopping) await control.changed()
    }
    if (control.stopping) return
    const kafka = await hostPort.kafka()
    const parts: TaskParts = {
      spec,
      connectorProps,
      taskProps,
      workerConfig: parseWorker(worker.props),
      hostPort,
      control,
      kafka,
      stack,
      log,
      context,
    }
    if (plugin.type === 'source') {
      const { openAndRunSource } = await import('./source/task.ts')
      await openAndRunSource(parts, plugin)
    } else {
      const { openAndRunSink } = await import('./sink/task.ts')
      await openAndRunSink(parts, plugin, changes)
    }
  } catch (thrown) {
    const error = thrownError(thrown)
    changes.close()
    if (control.stopping) {
      log.warn(`The task failed while it was stopping: ${messageOf(error)}`, error)
      return
    }
    log.error(
      'Task threw an uncaught and unrecoverable exception. Task is being killed and will not recover until manually restarted',
      error,
    )
    hostPort.state('FAILED', error)
  } finally {
    changes.close()
  }
}
