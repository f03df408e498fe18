/** A value of a row: `long` as bigint, `bytes` as bytes, the rest as numbers and strings. */
export type Value = number | bigint | string | Uint8Array | null

/** The types that a column can have on the wire; properties say what its values mean. */
export const baseTypes = ['int', 'long', 'float', 'double', 'string', 'bytes'] as const
export type BaseType = (typeof baseTypes)[number]

/** What is shown of a value in messages. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  const text = typeof value === 'string' ? `'${value}'` : String(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
