import { ConnectError } from '@isthmus/sdk'
import type { Checks } from '../checks/checks.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { pluginNamed } from '../plugins/version.ts'
import type { ClusterSnapshot } from '../state/snapshot.ts'
import type { StatusStore } from '../store/stores.ts'
import type { Herder } from './herder.ts'
import { connectorInfo, connectorState, taskInfos, taskState } from './views.ts'

export interface ReadParts {
  readonly snapshot: () => ClusterSnapshot
  readonly statuses: StatusStore
  readonly plugins: () => readonly PluginDescriptor[]
  readonly checks: Checks
  readonly topicTracking: { readonly enabled: boolean; readonly resettable: boolean }
}

/** What any worker answers at once, out of what it knows; and the topics, which any worker may forget. */
export function reads({
  snapshot,
  statuses,
  plugins,
  checks,
  topicTracking,
}: ReadParts): Pick<
  Herder,
  | 'connectors'
  | 'connector'
  | 'status'
  | 'taskStatus'
  | 'tasks'
  | 'plugins'
  | 'topics'
  | 'resetTopics'
  | 'validate'
  | 'pluginConfig'
> {
  const requireTracking = () => {
    if (!topicTracking.enabled) throw new ConnectError('forbidden', 'Topic tracking is disabled.')
  }
  return {
    connectors: () => [...snapshot().connectors.keys()],
    connector: (name) => connectorInfo(snapshot(), name, plugins()),
    status: (name) => connectorState(snapshot(), statuses, name, plugins()),
    taskStatus: (name, task) => taskState(statuses, name, task),
    tasks: (name) => taskInfos(snapshot(), name),
    plugins,
    topics(name) {
      requireTracking()
      return statuses.topics(name).map(({ topic }) => topic)
    },
    resetTopics(name) {
      requireTracking()
      if (!topicTracking.resettable) throw new ConnectError('forbidden', 'Topic tracking reset is disabled.')
      statuses.deleteTopics(name)
    },
    validate: (config) => checks.validate(null, config),
    pluginConfig: (name, version) => checks.pluginConfig(pluginNamed(plugins(), name, version)),
  }
}
