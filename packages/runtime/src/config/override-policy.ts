import type { Props } from '@isthmus/sdk'

export type Client = 'producer' | 'consumer' | 'admin'

/** A client property that a connector overrides, and what the worker's policy has against it. */
export interface Override {
  readonly client: Client
  /** The client's name of it. */
  readonly key: string
  readonly value: string
  readonly error: string | null
}

const OVERRIDE = /^(producer|consumer|admin)\.override\.(.*)$/s
const PRINCIPAL = ['sasl.jaas.config', 'sasl.mechanism', 'security.protocol']
const SUFFIX = 'ConnectorClientConfigOverridePolicy'

export function overridesOf(connector: Props, worker: Props): readonly Override[] {
  const policy = (worker['connector.client.config.override.policy'] ?? 'All').trim()
  const simple = policy.slice(policy.lastIndexOf('.') + 1).replace(SUFFIX, '')
  const allowed = allowedBy(simple, worker['connector.client.config.override.allowlist'] ?? '')
  return Object.entries(connector).flatMap(([name, value]) => {
    const [, client, key] = OVERRIDE.exec(name) ?? []
    if (client === undefined || key === undefined) return []
    const error =
      allowed === null || allowed.includes(key)
        ? null
        : `The '${simple}' policy does not allow '${key}' to be overridden in the connector configuration.`
    return [{ client: client as Client, key, value, error }]
  })
}

/** null: everything. A policy that is not known allows nothing. */
function allowedBy(policy: string, allowlist: string): readonly string[] | null {
  if (policy === 'All') return null
  if (policy === 'Principal') return PRINCIPAL
  return policy === 'Allowlist' ? allowlist.split(',').map((name) => name.trim()) : []
}
