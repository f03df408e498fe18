import type { Props } from '@isthmus/sdk'

const PREFIXES = ['producer.override.', 'consumer.override.', 'admin.override.']
const PRINCIPAL = ['sasl.jaas.config', 'sasl.mechanism', 'security.protocol']
const SUFFIX = 'ConnectorClientConfigOverridePolicy'

/** The client properties that a connector overrides, and what the worker's policy has against each. */
export function overridesOf(
  connector: Props,
  worker: Props,
): readonly { readonly name: string; readonly value: string; readonly error: string | null }[] {
  const policy = (worker['connector.client.config.override.policy'] ?? 'All').trim()
  const simple = policy.slice(policy.lastIndexOf('.') + 1).replace(SUFFIX, '')
  const allowed = allowedBy(simple, worker['connector.client.config.override.allowlist'] ?? '')
  return Object.entries(connector).flatMap(([name, value]) => {
    const prefix = PREFIXES.find((one) => name.startsWith(one))
    if (prefix === undefined) return []
    const key = name.slice(prefix.length)
    const error =
      allowed === null || allowed.includes(key)
        ? null
        : `The '${simple}' policy does not allow '${key}' to be overridden in the connector configuration.`
    return [{ name, value, error }]
  })
}

/** null: everything. A policy that is not known allows nothing. */
function allowedBy(policy: string, allowlist: string): readonly string[] | null {
  if (policy === 'All') return null
  if (policy === 'Principal') return PRINCIPAL
  return policy === 'Allowlist' ? allowlist.split(',').map((name) => name.trim()) : []
}
