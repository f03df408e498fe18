import { posix } from 'node:path'
import { packageOf, type Source } from './sources.ts'

/** `new URL('../x', import.meta.url)`: a file that is read, or run in a thread or process of its own. */
const located = /new URL\(\s*[`'"](\.[^`'"]*)[`'"]/g

/**
 * What of a package others may reach: its exports, from anywhere; what lies in its `testing` folders, from tests alone, so that a
 * package can be published without them.
 */
export function checkReach(sources: readonly Source[]): string[] {
  const paths = new Set(sources.map(({ path }) => path))
  return sources.flatMap((source) =>
    source.path.endsWith('package.json') ? missingExports(source, paths) : reachFaults(source),
  )
}

function reachFaults(source: Source): string[] {
  const { path, imports, forTests } = source
  if (!path.endsWith('.ts')) return []
  const relative = [...imports, ...Array.from(source.text.matchAll(located), (match) => match[1] ?? '')]
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier))
  const outside = relative
    .filter((target) => packageOf(target) !== null && packageOf(target) !== packageOf(path))
    .map((target) => `${path}: reaches ${target} past the exports of its package`)
  if (forTests || /^(tests|bench)\//.test(path)) return outside
  const testing = [...relative, ...imports.filter((specifier) => !specifier.startsWith('.'))]
    .filter((target) => /(\/testing(\/|$)|\.test\.ts$)/.test(target))
    .map((target) => `${path}: is no test, and reaches ${target}, which is for tests`)
  return [...outside, ...testing]
}

function missingExports({ path, text }: Source, paths: ReadonlySet<string>): string[] {
  const { exports = {} } = JSON.parse(text) as { exports?: { readonly [name: string]: string } }
  return Object.values(exports)
    .map((target) => posix.join(posix.dirname(path), target))
    .filter((target) => !paths.has(target))
    .map((target) => `${path}: exports ${target}, which is not there`)
}
