import { type ClientDefinition, clientDefinitions } from '@isthmus/kafka/definitions'
import type { ConfigDef, ConfigType, ConfigValue, Props } from '@isthmus/sdk'
import { parseValue } from '@isthmus/sdk/config'
import { refusedValue } from './client-classes.ts'
import { prefixedInfos } from './config-infos.ts'
import { type Client, overridesOf } from './override-policy.ts'
import { ownOffsetsTopic } from './source.ts'

/** The clients that a connector's tasks have, in a worker of the group: overrides of others mean nothing. */
export function clientsOf(
  type: 'source' | 'sink',
  props: { readonly [name: string]: string | null },
  groupId?: string,
): readonly Client[] {
  const deadLetters = (props['errors.deadletterqueue.topic.name'] ?? '').trim() !== ''
  if (type === 'sink') return deadLetters ? ALL : ['consumer']
  if (ownOffsetsTopic(props, groupId) !== null) return ALL
  const creates = Object.keys(props).some((name) => name.startsWith('topic.creation.'))
  return creates || deadLetters ? ['producer', 'admin'] : ['producer']
}

const ALL = ['producer', 'consumer', 'admin'] as const

/** What validation says of the client properties that a connector overrides: Kafka's definition, the value, the policy's word. */
export function overrideInfos(type: 'source' | 'sink', props: Props, worker: Props, groupId?: string) {
  const overrides = overridesOf(props, worker)
  if (overrides.length === 0) return []
  const definitions = clientDefinitions()
  return clientsOf(type, props, groupId).map((client) => {
    const own = overrides.filter((one) => one.client === client)
    const def: { [name: string]: ConfigDef[string] } = {}
    for (const { key } of own) {
      const found = definitions[client][key]
      if (found !== undefined) def[key] = keyOf(found, client)
    }
    const values = own.map(({ key, value, error }) =>
      overrideValue(client, key, value, def[key]?.type ?? null, error),
    )
    return prefixedInfos(def, values, `${client}.override.`)
  })
}

function keyOf([type, importance, fallback]: ClientDefinition, client: Client): ConfigDef[string] {
  return {
    type: type.toLowerCase() as ConfigType,
    importance: importance.toLowerCase() as 'high',
    doc: `A property of Kafka's ${client}.`,
    ...(fallback !== undefined && { default: fallback }),
  }
}

function overrideValue(
  client: Client,
  name: string,
  text: string,
  type: ConfigType | null,
  error: string | null,
): ConfigValue {
  const errors = error === null ? [] : [error]
  let value: unknown = text
  try {
    // classes are Java's: nobody loads them here, and most are only found to be missing when a task starts
    if (type !== null && type !== 'class') value = parseValue(name, text, type)
    else if (type === 'class') {
      const refused = refusedValue(client, name, text)
      if (refused?.startsWith('Invalid value') === true) errors.push(refused)
    }
  } catch (fault) {
    errors.push((fault as Error).message)
  }
  return { name, value, recommendedValues: [], errors, visible: true }
}
