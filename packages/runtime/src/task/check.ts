import { type ConfigValue, type Props, type SinkPlugin, type SourcePlugin, validateAll } from '@isthmus/sdk'
import { sinkConflicts, sinkDef, sourceDef } from '../config/connector.ts'
import { refusedOverrides } from '../config/override-policy.ts'
import { loadPlugin } from '../plugins/load.ts'
import { findConnector } from '../plugins/registry.ts'
import type { CheckSpec } from './messages.ts'
import { resolveProps } from './resolve.ts'

/** All that is wrong with a connector's config, one message each: the framework's properties first, then the connector's own. */
export async function checkConfig({ connectorConfig, worker }: CheckSpec): Promise<readonly string[]> {
  const { props } = await resolveProps(connectorConfig, worker.props, worker.plugins)
  const plugin = (await loadPlugin(findConnector(worker.plugins, (props['connector.class'] ?? '').trim()))) as
    | SourcePlugin
    | SinkPlugin
  const framework = validateAll(plugin.type === 'sink' ? sinkDef : sourceDef, props)
  const own = validateAll(plugin.config, props)
  const ownNames = new Set(own.map(({ name }) => name))
  const messages = [...framework.filter(({ name }) => !ownNames.has(name)), ...own].flatMap(
    ({ errors }) => errors,
  )
  const conflicts = plugin.type === 'sink' ? conflictsOf(framework) : []
  const further = Object.values((await plugin.validate?.(props as Props, own)) ?? {}).flat()
  return [...messages, ...refusedOverrides(props, worker.props), ...conflicts, ...further]
}

function conflictsOf(values: readonly ConfigValue[]): string[] {
  const parsedOf = (name: string) => values.find((one) => one.name === name)?.value
  const [topics, regex] = [parsedOf('topics'), parsedOf('topics.regex')]
  if (!Array.isArray(topics) || typeof regex !== 'string') return []
  try {
    return sinkConflicts({
      topics,
      'topics.regex': regex,
      'errors.deadletterqueue.topic.name': String(parsedOf('errors.deadletterqueue.topic.name') ?? ''),
    }).map(({ message }) => message)
  } catch (error) {
    return [(error as Error).message]
  }
}
