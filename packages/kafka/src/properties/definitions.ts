import { readFileSync } from 'node:fs'

/** Java's `ConfigDef` of one property: names of types and importances as there; the default as its text, absent where it is required. */
export type ClientDefinition = readonly [type: string, importance: string, fallback?: string | null]
export type ClientDefinitions = {
  readonly [C in 'producer' | 'consumer' | 'admin']: { readonly [name: string]: ClientDefinition }
}

/**
 * What Java's clients define, heeded here or not, with our defaults where they differ; for validation and for telling misspelt names.
 * Read when it is needed, which is seldom: the tables of this folder say what this client goes by.
 */
export const clientDefinitions = (): ClientDefinitions =>
  JSON.parse(readFileSync(new URL('definitions.json', import.meta.url), 'utf8')) as ClientDefinitions
