import { isObject } from '../text/fields.ts'
import type { ModulePlugin } from './descriptor.ts'
import { TYPES } from './faults.ts'

/** A plugin as its module says it is; where that is, who looked knows. */
export type FoundPlugin = Omit<ModulePlugin, 'module' | 'location' | 'stamp'>

/** What the import of a module has shown. */
export interface Found {
  readonly plugins: readonly FoundPlugin[]
  readonly warnings: readonly string[]
  /** Something that it exports is meant as a plugin, and cannot be used as one. */
  readonly faulty?: boolean
}

/** Of what code of a plugin may have written: whether it is what a scan finds. */
export const isFound = (value: unknown): value is Found =>
  isObject(value) &&
  isListOf(value['plugins'], isFoundPlugin) &&
  isListOf(value['warnings'], (line) => typeof line === 'string') &&
  ['undefined', 'boolean'].includes(typeof value['faulty'])

export const isFoundPlugin = (value: unknown): value is FoundPlugin =>
  isObject(value) &&
  value['kind'] === 'module' &&
  (TYPES as readonly unknown[]).includes(value['type']) &&
  typeof value['class'] === 'string' &&
  typeof value['export'] === 'string' &&
  (value['version'] === null || typeof value['version'] === 'string') &&
  ['undefined', 'string'].includes(typeof value['taskClass']) &&
  ['undefined', 'boolean'].includes(typeof value['headers'])

const isListOf = (value: unknown, is: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(is)
