import { ConnectError, type SinkPlugin, type SourcePlugin } from '@isthmus/sdk'
import { unheeded } from '../config/client-classes.ts'
import { clientsOf } from '../config/client-overrides.ts'
import { parseConnector } from '../config/connector.ts'
import { allowedOverrides } from '../config/override-policy.ts'
import { parseWorker } from '../config/worker.ts'
import { tooManyTasks } from '../connector/task-configs.ts'
import type { HostPort } from '../host/inside/host-port.ts'
import type { TaskSpec } from '../host/messages.ts'
import { contextOf } from '../log/log.ts'
import { loadPlugin } from '../plugins/load.ts'
import { connectorPlugin } from '../plugins/version.ts'
import { resolveProps } from '../secrets/resolve.ts'
import { lookWhenResumed, reloads } from '../secrets/watch-variables.ts'
import { messageOf, thrownError } from '../text/trace.ts'
import type { Control } from './control.ts'
import type { TaskParts } from './parts.ts'
import type { GroupChanges } from './sink/group-changes.ts'

/**
 * Runs one task from its configs to its end: opens everything, runs the loop, closes everything in reverse. Reports RUNNING,
 * PAUSED and FAILED; settles when all is released.
 */
export async function runTask(
  spec: TaskSpec,
  hostPort: HostPort,
  control: Control,
  changes: GroupChanges,
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
