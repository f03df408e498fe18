import type { Props } from '@isthmus/sdk'

const PREFIXES = ['producer.override.', 'consumer.override.', 'admin.override.']
const PRINCIPAL = ['sasl.jaas.config', 'sasl.mechanism', 'security.protocol']
const SUFFIX = 'ConnectorClientConfigOverridePolicy'

/** What the worker's policy has against the client properties that a connector overrides. */
export function refusedOverrides(connector: Props, worker: Props): readonly string[] {
  const policy = (worker['connector.client.config.override.policy'] ?? 'All').trim()
  const simple = policy.slice(policy.lastIndexOf('.') + 1).replace(SUFFIX, '')
  const allowed = allowedBy(simple, worker['connector.client.config.override.allowlist'] ?? '')
  if (allowed === null) return []
  return Object.keys(connector).flatMap((name) => {
    const prefix = PREFIXES.find((one) => name.startsWith(one))
    const key = prefix === undefined ? null : name.slice(prefix.length)
    return key === null || allowed.includes(key)
      ? []
      : [`The '${simple}' policy does not allow '${key}' to be overridden in the connector configuration.`]
  })
}

/** null: everything. A policy that is not known allows nothing. */
function allowedBy(policy: string, allowlist: string): readonly string[] | null {
  if (policy === 'All') return null
  if (policy === 'Principal') return PRINCIPAL
  return policy === 'Allowlist' ? allowlist.split(',').map((name) => name.trim()) : []
}
