import { inspect } from 'node:util'
import { ConnectError, type SourceRecord } from '@isthmus/sdk'

/** A key that is not there counts as null; where a record is to go is looked at for each. */
const FIELDS = ['sourcePartition', 'sourceOffset', 'keySchema', 'valueSchema', 'value', 'headers'] as const

/**
 * What a poll returned, as records. An author who returns something else does so every time: the first record of a batch stands for all
 * of it, and no record costs a look of its own.
 */
export function pollResult(polled: unknown): readonly SourceRecord[] | null {
  if (polled === null || polled === undefined) return null
  if (!Array.isArray(polled))
    throw new ConnectError(
      'plugin',
      `'poll' has returned ${shown(polled)}: it returns an array of records, or null where there are none`,
    )
  const [first] = polled
  const fault = polled.length === 0 ? null : recordFault(first)
  if (fault !== null)
    throw new ConnectError('plugin', `'poll' has returned a record that is none: ${fault}: ${shown(first)}`)
  return polled
}

/** What keeps it from being a record; null where nothing does. */
function recordFault(record: unknown): string | null {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'it is no object'
  const fields = record as { readonly [name: string]: unknown }
  const missing = FIELDS.filter((name) => fields[name] === undefined)
  if (missing.length > 0)
    return `it has no ${missing.join(', ')} (sourceRecord({ … }) of @isthmus/sdk fills in what is usual)`
  return Array.isArray(fields['headers']) ? null : "its 'headers' are no array"
}

function shown(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 100 })
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
