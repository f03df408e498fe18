import { isDeepStrictEqual } from 'node:util'
import { type Difference, differences } from './differences.ts'
import type { Outcome } from './outcome.ts'
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

/** Beyond the first cause, exceptions are those of the language and its libraries. */
const CAUSES = 2

function comparable(pipeline: Pipeline, outcome: Outcome): Outcome {
  const records = outcome.records.map((record) => ({
    ...record,
    ...(pipeline.unordered && { key: sorted(record.key), value: sorted(record.value) }),
    ...(record.headers && {
      headers: record.headers.map(([name, text]) => [name, text && headerText(name, text)] as const),
    }),
  }))
  return {
    ...outcome,
    ...(outcome.errors && { errors: outcome.errors.slice(0, CAUSES).map(masked) }),
    ...(outcome.file !== undefined && { file: masked(outcome.file) }),
    records,
  }
}

const headerText = (name: string, text: string): string =>
  masked(name === '__connect.errors.exception.stacktrace' ? (text.split('\nCaused by: ')[0] ?? '') : text)

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
  const lines = [java.name]
  const say = (where: string, wanted: unknown, got: unknown) => {
    if (!isDeepStrictEqual(wanted, got))
      lines.push(`  ${where}`, `    Java: ${JSON.stringify(wanted)}`, `    ours: ${JSON.stringify(got)}`)
  }
  for (const key of ['state', 'errors', 'file'] as const) say(key, java[key], ours[key])
  for (let index = 0; index < Math.max(java.records.length, ours.records.length); index++) {
    const [wanted, got] = [java.records[index], ours.records[index]]
    if (wanted === undefined || got === undefined) {
      say(`record ${index}`, wanted, got)
      continue
    }
    for (const key of ['topic', 'partition', 'timestamp', 'key', 'value'] as const)
      say(`${key} of record ${index} (${wanted.value})`, wanted[key], got[key])
    const [theirs, own] = [wanted.headers ?? [], got.headers ?? []]
    for (let at = 0; at < Math.max(theirs.length, own.length); at++)
      say(`header ${at} of record ${index} (${wanted.value})`, theirs[at], own[at])
  }
  return lines.join('\n')
}
