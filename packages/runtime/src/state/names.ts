/** As long as a text of the group protocol can be. */
const MAX_BYTES = 32_767

/**
 * Why nothing can run under a name; null when something can. It ends up in keys of records, in paths, and in what the workers of a
 * group tell each other, and must come back from there as it was.
 */
export function nameFault(name: string): string | null {
  if (name === '') return 'is empty'
  if (name.includes('\u0000')) return 'has a NUL character in it'
  if (!name.isWellFormed()) return 'is no valid Unicode'
  if (Buffer.byteLength(name) > MAX_BYTES) return `has more than ${MAX_BYTES} bytes`
  return null
}
