import type { Props } from '@isthmus/sdk'

/** Whether two lists of task configs are the same, whatever the order of their properties. */
export function sameConfigs(a: readonly Props[], b: readonly Props[]): boolean {
  return a.length === b.length && a.every((config, i) => sameProps(config, b[i] ?? {}))
}
export function sameProps(a: Props | null, b: Props | null): boolean {
  if (a === null || b === null) return a === b
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
