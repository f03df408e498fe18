import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { root, type Source } from './sources.ts'

const INDEX_LINES_MAX = 150
const scripts = /npm run ([\w:-]+)/g
const links = /\]\(([^)#\s]+)(#[^)\s]*)?\)/g

/** Links lead somewhere, commands exist, and a package's surface is one screen of named exports. */
export function checkDocuments(sources: readonly Source[]): string[] {
  const manifest = JSON.parse(sources.find(({ path }) => path === 'package.json')?.text ?? '{}') as {
    scripts?: { [name: string]: string }
  }
  return sources.flatMap((source) => {
    if (source.path.endsWith('.md')) return documentFaults(source, manifest.scripts ?? {})
    if (/^packages\/[^/]+\/src\/(testing\/)?index\.ts$/.test(source.path)) return surfaceFaults(source)
    return []
  })
}

function documentFaults(source: Source, commands: { readonly [name: string]: string }): string[] {
  const deadLinks = [...source.text.matchAll(links)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(`${root}${posix.join(posix.dirname(source.path), target)}`))
    .map((target) => `${source.path}: a link to ${target}, which is not there`)
  const unknownCommands = [...source.text.matchAll(scripts)]
    .map((match) => match[1] ?? '')
    .filter((name) => commands[name] === undefined)
    .map((name) => `${source.path}: npm run ${name} does not exist`)
  return [...deadLinks, ...unknownCommands]
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
