import type { Address, BrokerContext } from './context.ts'
import { CONFIG_SOURCE, type TopicConfigEntry, topicConfigEntries } from './topics/config.ts'

export type BrokerConfigEntry = TopicConfigEntry

/** The broker's properties as DescribeConfigs shows them. None can be changed while it runs. */
export function brokerConfigEntries(broker: BrokerContext, local: Address): BrokerConfigEntry[] {
  const { host, port } = broker.addressFor(local)
  const { settings } = broker
  const values: Record<string, [value: string, type: BrokerConfigEntry['type']]> = {
    'advertised.listeners': [`PLAINTEXT://${host}:${port}`, 'LIST'],
    'auto.create.topics.enable': [String(settings.autoCreateTopics), 'BOOLEAN'],
    'broker.id': [String(broker.nodeId), 'INT'],
    'default.replication.factor': ['1', 'INT'],
    'log.dirs': [broker.dataDir, 'LIST'],
    'node.id': [String(broker.nodeId), 'INT'],
    'num.partitions': [String(settings.defaultPartitions), 'INT'],
    'process.roles': ['broker,controller', 'LIST'],
  }
  for (const [name, value] of Object.entries(settings.properties)) values[name] = [value, 'STRING']
  const own = Object.entries(values).map(([name, [value, type]]) => {
    const source = CONFIG_SOURCE.broker
    return { name, value, type, source, readOnly: true, synonyms: [{ name, value, source }] }
  })
  const defaults = topicConfigEntries(broker.topics.defaults, {}).flatMap((entry) => {
    const name = entry.synonyms[0]?.name
    return name === undefined || Object.hasOwn(values, name) ? [] : [{ ...entry, name, readOnly: true }]
  })
  return [...own, ...defaults].sort((a, b) => (a.name < b.name ? -1 : 1))
}
