import type { Answer } from './play.ts'

/** Properties that only Isthmus defines for a kind of connector: Java has them for sinks. */
const ADDED = /^errors\.deadletterqueue\./

interface Info {
  readonly name?: string
  readonly value?: { readonly name: string }
}
const nameOf = ({ name, value }: Info): string => name ?? value?.name ?? ''

/** Our answer without the definitions that Java's has none of. */
export function withoutAdditions(java: Answer, ours: Answer): Answer {
  const known = new Set(infosOf(java.body).map(nameOf))
  const kept = infosOf(ours.body).filter((info) => known.has(nameOf(info)) || !ADDED.test(nameOf(info)))
  if (Array.isArray(ours.body)) return { ...ours, body: kept }
  return 'configs' in Object(ours.body)
    ? { ...ours, body: { ...(ours.body as object), configs: kept } }
    : ours
}

function infosOf(body: unknown): readonly Info[] {
  const infos: unknown = Array.isArray(body) ? body : (Object(body) as { configs?: unknown }).configs
  return Array.isArray(infos) ? infos : []
}
