import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A file of the repository. */
export interface Source {
  /** From the root, with slashes. */
  readonly path: string
  readonly text: string
  /** What it imports, as written; `import.meta.resolve` counts, for plugins are located that way. */
  readonly imports: readonly string[]
  /** Whether it is there for tests alone. */
  readonly forTests: boolean
}

const importing =
  /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|(?:\bimport|import\.meta\.resolve)\(\s*'([^']+)'\s*[,)]/g

const folders = ['packages', 'scripts', 'tests', 'bench', 'examples', 'docs', 'bin', 'config', 'etc', '.ci']
const ignored = /(^|\/)(node_modules|golden|\.cache|results)(\/|$)/

export function readSources(): Source[] {
  const patterns = [
    ...folders.map((folder) => `${folder}/**/*.{ts,tsx,md,sh,properties,json}`),
    '*.md',
    'package.json',
  ]
  return globSync(patterns, { cwd: root, exclude: (path) => ignored.test(path) })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => {
      const text = readFileSync(`${root}${path}`, 'utf8')
      return { path, text, imports: path.endsWith('.ts') ? importsOf(text) : [], forTests: isForTests(path) }
    })
}

export function importsOf(text: string): string[] {
  return [...text.matchAll(importing)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

const isForTests = (path: string): boolean => /\.test\.ts$|(^|\/)testing\//.test(path)

/** `packages/kafka/src/x.ts` → `kafka`; null outside packages, and for the templates of packages that others will own. */
export const packageOf = (path: string): string | null =>
  path.includes('/templates/') ? null : (/^packages\/([^/]+)\//.exec(path)?.[1] ?? null)
