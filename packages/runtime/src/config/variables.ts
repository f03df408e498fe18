import type { ConfigProvider, Props } from '@isthmus/sdk'

/** `${provider:[path:]key}`, as Java's ConfigTransformer finds them. */
const VARIABLE = /\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}/g

export interface Resolved {
  readonly props: Props
  /** The shortest time after which a value should be looked up again; null: none said. */
  readonly ttlMs: number | null
}

/**
 * Replaces the variables in property values: one question to a provider for each path. What no provider knows stays as it is
 * written; what was put in is not scanned again.
 */
export async function resolveVariables(
  props: Props,
  providers: ReadonlyMap<string, ConfigProvider>,
): Promise<Resolved> {
  const wanted = new Map<string, { provider: ConfigProvider; path: string; keys: Set<string> }>()
  for (const text of Object.values(props))
    for (const [, name = '', , path = '', key = ''] of text.matchAll(VARIABLE)) {
      const provider = providers.get(name)
      if (provider === undefined) continue
      const at = placeOf(name, path)
      const found = wanted.get(at) ?? { provider, path, keys: new Set() }
      wanted.set(at, found)
      found.keys.add(key)
    }
  if (wanted.size === 0) return { props, ttlMs: null }
  const values = new Map<string, Props>()
  let ttlMs: number | null = null
  for (const [at, { provider, path, keys }] of wanted) {
    const answer = await provider.get(path, [...keys])
    values.set(at, answer.values)
    if (answer.ttlMs !== undefined) ttlMs = Math.min(ttlMs ?? answer.ttlMs, answer.ttlMs)
  }
  const replaced = Object.entries(props).map(([name, text]) => [
    name,
    text.replaceAll(VARIABLE, (whole, provider: string, _, path: string | undefined, key: string) => {
      const known = values.get(placeOf(provider, path ?? ''))
      return known !== undefined && Object.hasOwn(known, key) ? String(known[key]) : whole
    }),
  ])
  return { props: Object.fromEntries(replaced), ttlMs }
}

const placeOf = (provider: string, path: string) => `${provider}\u0000${path}`

export const hasVariable = (text: string): boolean => text.search(VARIABLE) !== -1

/** Task configs that a connector copied from its own are stored with the variable, never with the secret. */
export function withVariables(taskConfig: Props, rawConnectorConfig: Props): Props {
  return Object.fromEntries(
    Object.entries(taskConfig).map(([name, text]) => {
      const raw = rawConnectorConfig[name]
      return [name, raw !== undefined && hasVariable(raw) ? raw : text]
    }),
  )
}
