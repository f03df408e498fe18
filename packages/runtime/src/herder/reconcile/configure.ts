import type { Props } from '@isthmus/sdk'
import { sameConfigs, sameProps } from '../../state/same.ts'
import type { WorkerCore } from '../core.ts'
import { needsTasks, type RunningConnector } from './running.ts'
import { answered, asked, compared, insistenceMs, requested } from './task-configs.ts'

export interface ConfigurationParts {
  /** Has the configs stored that a connector made for its tasks. Rejects with what fails the connector. */
  readonly publish: (connector: string, tasks: readonly Props[]) => Promise<void>
  /** Whether new task configs may be made now. */
  readonly isOpen: () => boolean
  /** It is there and was not told to stop. */
  readonly isCurrent: (one: RunningConnector) => boolean
  readonly failed: (one: RunningConnector, error: unknown) => void
  readonly kick: () => void
}

/** Has a running connector asked for the configs of its tasks whenever that is due; called each time something may have changed. */
export function openConfiguration(
  core: WorkerCore,
  parts: ConfigurationParts,
): (one: RunningConnector) => void {
  const { log, now } = core
  const { snapshot } = core.stores.configs

  /** Asks a started connector for its tasks, and stores them if they are others than before. */
  const ask = async (one: RunningConnector): Promise<void> => {
    const { desired, life } = one
    const name = desired.connector
    const configured = snapshot().connectors.get(name)
    if (configured === undefined || life.type !== 'there') return
    one.tasks = asked(one.tasks, now())
    try {
      const made = await life.instance.ask('task-configs', {
        maxTasks: Math.max(1, Number(configured.config['tasks.max'] ?? 1) || 1),
        enforce: configured.config['tasks.max.enforce']?.trim().toLowerCase() !== 'false',
      })
      if (!parts.isCurrent(one)) return
      const known = snapshot().connectors.get(name)
      one.tasks = { ...one.tasks, made: { tasks: made, version: known?.tasksVersion ?? null } }
      if (known === undefined || known.target === 'STOPPED') return
      const changed = !sameConfigs(made, known.tasks) || !sameProps(known.appliedConfig, configured.config)
      if (changed) log.info(`Connector ${name} has ${made.length} task(s) with new configurations`)
      if (changed || !known.tasksFollow) await parts.publish(name, made)
    } catch (error) {
      parts.failed(one, error)
    } finally {
      one.tasks = answered(one.tasks)
      parts.kick()
    }
  }

  const insist = (one: RunningConnector): void => {
    const again = () => {
      one.tasks = requested(one.tasks)
      parts.kick()
    }
    const pauseMs = insistenceMs(one.tasks)
    if (pauseMs === 0) {
      again()
      return
    }
    log.warn(
      `Other task configs were stored for connector ${one.desired.connector} than it has made, ${one.tasks.overruled} times in a row; it is asked again in ${pauseMs} ms`,
    )
    setTimeout(again, pauseMs).unref()
  }

  return (one) => {
    const stored = snapshot().connectors.get(one.desired.connector)
    if (stored !== undefined) {
      const { overruled } = one.tasks
      one.tasks = compared(one.tasks, stored)
      if (one.tasks.overruled > overruled) insist(one)
    }
    if (needsTasks(one) && one.tasks.asking.type === 'due' && parts.isOpen()) void ask(one)
  }
}
