import { codeOf } from './errors.ts'

/**
 * Says in which part of a value bad data was: the name of a field, or the index of an entry. To be called on the way out, the innermost
 * part first. Logs and traces of a worker show it beside the record; the message stays as it is. Returns the error.
 */
export function atField<E>(error: E, part: string | number): E {
  if (codeOf(error) !== 'data') return error
  const marked = error as { field?: string }
  const inner = marked.field
  const own = typeof part === 'number' ? `[${part}]` : part
  marked.field = inner === undefined ? own : `${own}${inner.startsWith('[') ? '' : '.'}${inner}`
  return error
}

let looking = false

/**
 * The same where it is not known which part it was: they are tried again, one by one, until one fails. So code that works on all parts
 * at once pays nothing where nothing fails.
 */
export function findField<E>(error: E, parts: Iterable<readonly [string | number, () => unknown]>): E {
  // what is tried again must not look by itself once more, at every depth
  if (looking || codeOf(error) !== 'data') return error
  looking = true
  try {
    for (const [part, attempt] of parts) {
      try {
        attempt()
      } catch (thrown) {
        if (codeOf(thrown) === 'data') return atField(error, part)
      }
    }
  } finally {
    looking = false
  }
  return error
}

/** The field that an error, or one of its causes, is about; undefined where none is known. */
export function fieldOfError(error: unknown): string | undefined {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 20; depth++) {
    const { field, cause } = at as { field?: unknown; cause?: unknown }
    if (typeof field === 'string') return field
    at = cause
  }
  return undefined
}
