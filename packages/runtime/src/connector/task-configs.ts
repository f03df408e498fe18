import { ConnectError, type Props } from '@isthmus/sdk'
import { withVariables } from '../config/variables.ts'
import { parseTaskConfigs } from '../host/from-host.ts'
import type { ConnectorSpec, Orders } from '../host/messages.ts'
import { taskClassOf } from '../plugins/descriptor.ts'
import type { StartedConnector } from './start.ts'

/** As they are stored: the task's class, a sink's topics, and variables in place of what they stand for. */
export async function taskConfigsOf(
  { connector, plugin, props, found }: StartedConnector,
  spec: ConnectorSpec,
  { maxTasks, enforce }: Orders['task-configs']['ask'],
  warn: (message: string) => void,
): Promise<readonly Props[]> {
  const configs = parseTaskConfigs(await connector.taskConfigs(maxTasks))
  if (configs.length > maxTasks) {
    if (enforce) throw new ConnectError('connect', tooManyTasks(spec.connector, configs.length, maxTasks))
    warn(
      `The connector ${spec.connector} has generated ${configs.length} tasks, which is greater than ${maxTasks}, the maximum number of tasks it is configured to create. This behavior should be considered a bug and will be disallowed in future releases of Kafka Connect. Please report this to the maintainers of the connector and request that they adjust their connector's taskConfigs() method to respect the maxTasks parameter.`,
    )
  }
  const topics = Object.fromEntries(
    ['topics', 'topics.regex'].flatMap((key) =>
      plugin.type === 'sink' && props[key] ? [[key, props[key]]] : [],
    ),
  )
  return configs.map((config) =>
    withVariables({ ...config, 'task.class': taskClassOf(plugin), ...topics }, spec.connectorConfig, found),
  )
}

export const tooManyTasks = (connector: string, tasks: number, max: number): string =>
  `The connector ${connector} has generated ${tasks} tasks, which is greater than ${max}, the maximum number of tasks it is configured to create. This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.`
