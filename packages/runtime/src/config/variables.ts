import type { ConfigProvider, Props } from '@isthmus/sdk'

/** `${provider:[path:]key}`, as Java's ConfigTransformer finds them. */
const VARIABLE = /\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}/g

export interface Resolved {
  readonly props: Props
  /** The shortest time after which a value should be looked up again; null: none said. */
  readonly ttlMs: number | null
  /** What was put in, by the variable that it replaced. */
  readonly found: ReadonlyMap<string, string>
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
      const at = lookupOf(name, path)
      const found = wanted.get(at) ?? { provider, path, keys: new Set() }
      wanted.set(at, found)
      found.keys.add(key)
    }
  if (wanted.size === 0) return { props, ttlMs: null, found: new Map() }
  const values = new Map<string, Props>()
  let ttlMs: number | null = null
  for (const [at, { provider, path, keys }] of wanted) {
    const answer = await provider.get(path, [...keys])
    values.set(at, answer.values)
    if (answer.ttlMs !== undefined) ttlMs = Math.min(ttlMs ?? answer.ttlMs, answer.ttlMs)
  }
  const found = new Map<string, string>()
  const replaced = Object.entries(props).map(([name, text]) => [
    name,
    text.replaceAll(VARIABLE, (whole, provider: string, _, path: string | undefined, key: string) => {
      const known = values.get(lookupOf(provider, path ?? ''))
      if (known === undefined || !Object.hasOwn(known, key)) return whole
      const value = String(known[key])
      found.set(whole, value)
      return value
    }),
  ])
  return { props: Object.fromEntries(replaced), ttlMs, found }
}

const lookupOf = (provider: string, path: string) => `${provider}\u0000${path}`

const hasVariable = (text: string): boolean => text.search(VARIABLE) !== -1

/** Shorter values may be in a text by chance. */
const DISTINCTIVE_MIN = 8

/**
 * Task configs are stored with variables, never with what those stand for: what a connector copied from its own config under the
 * same name, and wherever else a value of some length turns up. A task that starts has the variables replaced.
 */
export function withVariables(
  taskConfig: Props,
  rawConnectorConfig: Props,
  found: ReadonlyMap<string, string> = new Map(),
): Props {
  const distinctive = [...found]
    .filter(([, value]) => value.length >= DISTINCTIVE_MIN)
    .sort(([, a], [, b]) => b.length - a.length)
  return Object.fromEntries(
    Object.entries(taskConfig).map(([name, text]) => {
      const raw = rawConnectorConfig[name]
      if (raw !== undefined && hasVariable(raw)) return [name, raw]
      return [name, distinctive.reduce((kept, [variable, value]) => kept.replaceAll(value, variable), text)]
    }),
  )
}
