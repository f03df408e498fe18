import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { root, type Source } from './sources.ts'

const INDEX_LINES_MAX = 150
const scripts = /npm run ([\w:-]+)/g
const links = /\]\(([^)#\s]+)(#[^)\s]*)?\)/g
/** Files as a text names them: from the root, or by their end, in code of a line. */
const files =
  /(?<![\w./(-])(?:(?:bench|bin|config|examples|packages|scripts|tests)\/[\w./-]+\.(?:ts|sh|properties|json)\b|(?<=`)[\w*./-]+\.(?:ts|sh)(?=`))/g

/** Links lead somewhere, commands and files exist, and a package's surface is one screen of named exports. */
export function checkDocuments(sources: readonly Source[]): string[] {
  const paths = sources.map(({ path }) => path)
  return sources.flatMap((source) => {
    if (source.path.endsWith('.md')) return documentFaults(source, scriptsAbove(source, sources), paths)
    if (/^packages\/[^/]+\/src\/(testing\/)?index\.ts$/.test(source.path)) return surfaceFaults(source)
    return []
  })
}

/** Names of scripts that `npm run` finds where a document lies. */
function scriptsAbove({ path }: Source, sources: readonly Source[]): ReadonlySet<string> {
  const manifests = sources.filter(
    (one) =>
      posix.basename(one.path) === 'package.json' &&
      path.startsWith(one.path.slice(0, -'package.json'.length)),
  )
  return new Set(
    manifests.flatMap(({ text }) =>
      Object.keys((JSON.parse(text) as { scripts?: { [name: string]: string } }).scripts ?? {}),
    ),
  )
}

function documentFaults(source: Source, commands: ReadonlySet<string>, paths: readonly string[]): string[] {
  const deadLinks = [...source.text.matchAll(links)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(`${root}${posix.join(posix.dirname(source.path), target)}`))
    .map((target) => `${source.path}: a link to ${target}, which is not there`)
  const unknownCommands = [...source.text.matchAll(scripts)]
    .map((match) => match[1] ?? '')
    .filter((name) => !commands.has(name))
    .map((name) => `${source.path}: npm run ${name} does not exist`)
  const unknownFiles = [...source.text.matchAll(files)]
    .map(([name]) => ({ name, end: new RegExp(`(^|/)${RegExp.escape(name).replaceAll('\\*', '[^/]*')}$`) }))
    .filter(({ end }) => !paths.some((path) => end.test(path)))
    .map(({ name }) => `${source.path}: there is no file ${name}`)
  return [...deadLinks, ...unknownCommands, ...unknownFiles]
}

function surfaceFaults(source: Source): string[] {
  const faults: string[] = []
  const lines = source.text.split('\n').length - 1
  if (lines > INDEX_LINES_MAX) faults.push(`${source.path}: ${lines} lines; a surface is one screen`)
  const rest = source.text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/export (type )?\{[^}]*\} from '[^']+'/g, '')
  if (rest.trim() !== '')
    faults.push(`${source.path}: more than named re-exports: ${rest.trim().split('\n')[0]}`)
  return faults
}
