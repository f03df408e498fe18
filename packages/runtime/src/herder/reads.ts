import { ConnectError } from '@isthmus/sdk'
import type { Checks } from '../checks/checks.ts'
import { pluginNamed } from '../plugins/version.ts'
import type { WorkerCore } from './core.ts'
import type { Herder } from './herder.ts'
import { connectorInfo, connectorState, taskInfos, taskState } from './views.ts'

/** What any worker answers by itself: out of what it knows, by a scan of its own; and the topics, which any worker may forget. */
export function reads(
  core: WorkerCore,
  checks: Checks,
): Pick<
  Herder,
  | 'connectors'
  | 'connector'
  | 'status'
  | 'taskStatus'
  | 'tasks'
  | 'plugins'
  | 'rescanPlugins'
  | 'topics'
  | 'resetTopics'
  | 'validate'
  | 'pluginConfig'
> {
  const { config, facts, rescanPlugins } = core
  const { configs, statuses } = core.stores
  const { snapshot } = configs
  const plugins = () => facts().plugins
  const requireTracking = () => {
    if (!config['topic.tracking.enable']) throw new ConnectError('forbidden', 'Topic tracking is disabled.')
  }
  return {
    connectors: () => [...snapshot().connectors.keys()],
    connector: (name) => connectorInfo(snapshot(), name, plugins()),
    status: (name) => connectorState(snapshot(), statuses, name, plugins()),
    taskStatus: (name, task) => taskState(statuses, name, task),
    tasks: (name) => taskInfos(snapshot(), name),
    plugins,
    rescanPlugins,
    topics(name) {
      requireTracking()
      return statuses.topics(name).map(({ topic }) => topic)
    },
    resetTopics(name) {
      requireTracking()
      if (!config['topic.tracking.allow.reset'])
        throw new ConnectError('forbidden', 'Topic tracking reset is disabled.')
      statuses.deleteTopics(name)
    },
    validate: (config) => checks.validate(null, config),
    pluginConfig: (name, version) => checks.pluginConfig(pluginNamed(plugins(), name, version)),
  }
}
