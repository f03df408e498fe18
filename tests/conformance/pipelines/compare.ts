import { isDeepStrictEqual } from 'node:util'
import { type Difference, differences } from './differences.ts'
import { linesOf, type Outcome, type Stored } from './outcome.ts'
import type { Pipeline } from './pipeline.ts'

/** Null and the differences that were accepted, or how the outcomes differ. */
export interface Verdict {
  readonly fault: string | null
  readonly accepted: readonly Difference[]
}

export function compare(pipeline: Pipeline, java: Outcome, ours: Outcome): Verdict {
  const got = comparable(pipeline, ours)
  if (isDeepStrictEqual(comparable(pipeline, java), got)) return { fault: null, accepted: [] }
  const accepted = differences.filter((one) => one.applies(java))
  const wanted = comparable(
    pipeline,
    accepted.reduce((outcome, { ours: accept }) => accept(outcome, ours), java),
  )
  return isDeepStrictEqual(wanted, got)
    ? { fault: null, accepted }
    : { fault: differing(wanted, got), accepted: [] }
}

function comparable(pipeline: Pipeline, outcome: Outcome): Outcome {
  const records = outcome.records.map((record) => ({
    ...record,
    ...(pipeline.unordered && { key: sorted(record.key), value: sorted(record.value) }),
    ...(record.headers && {
      headers: record.headers.map(([name, text]) => [name, text === null ? null : masked(text)] as const),
    }),
  }))
  return { ...outcome, ...(outcome.errors && { errors: outcome.errors.map(masked) }), records }
}

/** Texts hold addresses of Java's objects, and which of its maps a value was in. */
const masked = (text: string): string =>
  text.replaceAll(/\[B@[0-9a-f]+/g, '[B@…').replaceAll('LinkedHashMap', 'HashMap')

function sorted(text: string | null): string | null {
  if (text === null) return null
  return JSON.stringify(JSON.parse(text), (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

function differing(java: Outcome, ours: Outcome): string {
  const parts = [`${java.name}`]
  for (const key of ['state', 'errors', 'file'] as const)
    if (!isDeepStrictEqual(java[key], ours[key]))
      parts.push(
        `  Java's ${key}: ${JSON.stringify(java[key])}`,
        `  our ${key}:    ${JSON.stringify(ours[key])}`,
      )
  const only = (these: readonly Stored[], those: readonly Stored[]) =>
    these.filter((record, index) => !isDeepStrictEqual(record, those[index]))
  const [missing, extra] = [only(java.records, ours.records), only(ours.records, java.records)]
  if (missing.length > 0) parts.push('  Java wrote:', linesOf(missing))
  if (extra.length > 0) parts.push('  we wrote:', linesOf(extra))
  return parts.join('\n')
}
