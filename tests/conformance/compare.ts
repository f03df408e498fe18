import { isDeepStrictEqual } from 'node:util'
import { withoutAdditions } from './additions.ts'
import { type Difference, differences } from './differences.ts'
import type { Answer } from './play.ts'

/** Plugins that only one of the two brings: lists are compared without them. */
const ONE_SIDED = /^(org\.apache\.kafka\.connect\.mirror|com\.(instaclustr|kinetica|gpudb))\./
const LISTED =
  /, PluginDesc\{klass=class (?:org\.apache\.kafka\.connect\.mirror|com\.)[^}]*\}|PluginDesc\{klass=class com\.[^}]*\}, /g

/** Which difference was accepted, `null` for the same answer; otherwise both answers as they were compared. */
export type Verdict =
  | { readonly same: true; readonly accepted: Difference | null }
  | { readonly same: false; readonly java: unknown; readonly ours: unknown }

export function compare(java: Answer, answer: Answer): Verdict {
  const verdict = compareAsIs(java, answer)
  if (verdict.same || !/^POST \/connectors\/src\/restart/.test(java.request)) return verdict
  const before = compareAsIs(java, unbegun(answer))
  return before.same ? before : verdict
}

/** A restart is carried out after it is answered: whether the next request sees it under way is a matter of moments. */
const unbegun = (answer: Answer): Answer => ({
  ...answer,
  // between two instances the version is not known
  body: JSON.parse(JSON.stringify(answer.body), (_, value) =>
    value?.state === 'RESTARTING' ? { ...value, state: 'RUNNING', version: VERSION } : value,
  ),
})
const VERSION = '4.3.1'

function compareAsIs(java: Answer, answer: Answer): Verdict {
  const ours = withoutAdditions(java, answer)
  // Java leaves the type of some errors out
  const named = java.headers['content-type'] !== undefined || java.status < 400
  const [wanted, got] = [comparable(java, named), comparable(ours, named)]
  if (isDeepStrictEqual(wanted, got)) return { same: true, accepted: null }
  const accepted = differences.find((one) => one.applies(java)) ?? null
  if (accepted !== null && isDeepStrictEqual(comparable(accepted.ours(java, ours), named), got))
    return { same: true, accepted }
  return { same: false, java: wanted, ours: got }
}

/** Without what is ours to word or to order: documentation, the order of Java's hash maps. */
function comparable({ status, headers, body }: Answer, named: boolean): unknown {
  const { allow, 'content-type': type, ...others } = headers
  return {
    status,
    headers: {
      ...others,
      ...(named && type !== undefined && { type: type.replace(/;.*/, '') }),
      ...(allow !== undefined && { allow: allow.split(',').sort() }),
    },
    body: allow === undefined ? listed(plain(body)) : null,
  }
}

/** Names of connectors, in any order. */
const listed = (body: unknown): unknown =>
  Array.isArray(body) && body.every((one) => typeof one === 'string') ? body.toSorted() : body

export function plain(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return value.replaceAll(LISTED, '')
  if (Array.isArray(value)) {
    const items = value.filter((item) => !isMissing(item)).map((item) => plain(item))
    return HASHED.has(key) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      name === 'documentation' ? [] : [[name, plain(inner, name)]],
    ),
  )
}
/** Lists that Java fills from hash maps: of converters' properties, of partitions. */
const HASHED = new Set(['configs', 'groups', 'offsets', 'topics'])

function isMissing(item: unknown): boolean {
  if (typeof item === 'string') return ONE_SIDED.test(item)
  const { class: name, className } = Object(item) as { class?: unknown; className?: unknown }
  return ONE_SIDED.test(String(name ?? className ?? ''))
}
