import { ConnectError, type Props } from '@isthmus/sdk'
import { refusalOf } from './client-limits.ts'

export type Client = 'producer' | 'consumer' | 'admin'

/** A client property that a connector overrides, and what the worker has against it. */
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
        ? refusalOf(key, value, worker)
        : `The '${simple}' policy does not allow '${key}' to be overridden in the connector configuration.`
    return [{ client: client as Client, key, value, error }]
  })
}

/**
 * Properties of these clients that the connector sets, under the clients' own names. Nobody makes a client of a connector's
 * properties but through here: a config may be older than the policy, or come from another worker.
 */
export function allowedOverrides(connector: Props, worker: Props, ...clients: readonly Client[]): Props {
  const own = overridesOf(connector, worker).filter(({ client }) => clients.includes(client))
  const refused = own.flatMap(({ error }) => error ?? [])
  if (refused.length > 0)
    throw new ConnectError('connect', `Client Config Overrides not allowed: ${refused.join(' ')}`)
  return Object.fromEntries(own.map(({ key, value }) => [key, value]))
}

/** null: everything. A policy that is not known allows nothing. */
function allowedBy(policy: string, allowlist: string): readonly string[] | null {
  if (policy === 'All') return null
  if (policy === 'Principal') return PRINCIPAL
  return policy === 'Allowlist' ? allowlist.split(',').map((name) => name.trim()) : []
}
