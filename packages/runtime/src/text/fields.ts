/** What came from elsewhere as an object, whose fields may be anything. */
export type Fields = { readonly [name: string]: unknown }

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
