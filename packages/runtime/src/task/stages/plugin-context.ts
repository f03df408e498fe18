import { type PluginContext, systemClock } from '@isthmus/sdk'
import { openLent } from '../../plugins/shared.ts'
import type { TaskParts } from '../parts.ts'

/** What the converters, transforms and predicates of one task are opened with, and where they are kept. */
export interface PluginContexts {
  /** Of a plugin of this class. */
  contextOf(pluginClass: string): PluginContext
  /** Disposed of with the task: after the signal of the contexts has aborted, and before what they share. */
  readonly opened: AsyncDisposableStack
}

export function openPluginContexts({
  spec,
  hostPort,
  control,
  stack,
  context,
}: Pick<TaskParts, 'control' | 'stack' | 'context'> & {
  readonly spec: Pick<TaskParts['spec'], 'connector' | 'task'>
  readonly hostPort: Pick<TaskParts['hostPort'], 'logger'>
}): PluginContexts {
  const { shared } = stack.use(openLent())
  const opened = stack.use(new AsyncDisposableStack())
  const ended = new AbortController()
  stack.defer(() => ended.abort())
  const signal = AbortSignal.any([control.cancelled, ended.signal])
  return {
    contextOf: (pluginClass) => ({
      connector: spec.connector,
      task: spec.task,
      log: hostPort.logger(pluginClass, context),
      clock: systemClock,
      signal,
      shared,
    }),
    opened,
  }
}
