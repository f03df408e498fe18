import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { emitDeclarations } from '../pack/declarations.ts'
import {
  needed,
  publicExports,
  readWorkspace,
  type WorkspacePackage,
  workspaceImport,
} from '../pack/workspace.ts'

/** A symbol of a package's surface, as the compiler declares it. */
export interface Exported {
  readonly name: string
  /** The text of its comment; empty where there is none. */
  readonly doc: string
  readonly code: string
}
/** The exports under one comment of an index. */
export interface Group {
  readonly title: string | null
  readonly exports: readonly Exported[]
}
/** What `import … from specifier` offers. */
export interface Surface {
  readonly specifier: string
  /** The comment at the head of its index. */
  readonly intro: string
  readonly groups: readonly Group[]
}

/** The surfaces of packages that are published, each with those of its subpaths, from what the compiler declares. */
export function readSurfaces(names: readonly string[]): ReadonlyMap<string, readonly Surface[]> {
  const workspace = readWorkspace()
  const packages = names.map((name) => packageNamed(workspace, name))
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-surface-'))
  try {
    emitDeclarations(
      needed(packages, workspace).filter(({ manifest }) => manifest.bin === undefined),
      folder,
    )
    const read = reader(folder, workspace)
    return new Map(
      packages.map((one) => [
        one.manifest.name,
        publicExports(one).map(([subpath, source]) => surfaceOf(one, subpath, source, read)),
      ]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function packageNamed(workspace: ReadonlyMap<string, WorkspacePackage>, name: string): WorkspacePackage {
  const found = workspace.get(name)
  if (found === undefined) throw new Error(`There is no package ${name}`)
  return found
}

/** What a module declares under a name, `path` without its ending, from the folder of packages. */
type Read = (path: string, name: string) => Exported

function reader(folder: string, workspace: ReadonlyMap<string, WorkspacePackage>): Read {
  const modules = new Map<string, Module>()
  const moduleAt = (path: string): Module => {
    const module = modules.get(path) ?? parseModule(readFileSync(join(folder, `${path}.d.ts`), 'utf8'))
    modules.set(path, module)
    return module
  }
  const read: Read = (path, name) => {
    const { declared, passed } = moduleAt(path)
    const own = declared.get(name)
    if (own !== undefined) return own
    const from = passed.get(name)
    if (from === undefined) throw new Error(`${path}.d.ts declares no ${name}`)
    return { ...read(targetOf(path, from.specifier, workspace), from.name), name }
  }
  return read
}

function targetOf(path: string, specifier: string, workspace: ReadonlyMap<string, WorkspacePackage>): string {
  if (specifier.startsWith('.'))
    return posix.join(posix.dirname(path), specifier).replace(/(\.d)?\.[jt]s$/, '')
  const found = workspaceImport(specifier, workspace)
  const source = found?.target.manifest.exports?.[found.subpath]
  if (found === null || source === undefined) throw new Error(`${path}.d.ts passes on ${specifier}`)
  return posix.join(found.target.short, source).replace(/\.ts$/, '')
}

interface Module {
  /** What it exports, each with what it does not export and stands on. */
  readonly declared: ReadonlyMap<string, Exported>
  /** What it passes on from others, by the name that it has here. */
  readonly passed: ReadonlyMap<string, { readonly name: string; readonly specifier: string }>
}

const BEGINS = /^(export|declare|import|type|interface|\/\*\*|\/\/)/
const DECLARES = /^(?:export )?(?:declare )?(?:abstract )?(?:const|let|function|class|interface|type) (\w+)/
const PASSES = /^export (?:type )?\{([^}]*)\}(?: from ['"]([^'"]+)['"])?/

/** The compiler indents all but the first line of a statement. */
export function parseModule(text: string): Module {
  const statements: string[] = []
  for (const line of text.split('\n'))
    if (BEGINS.test(line)) statements.push(line)
    else if (line !== '' && statements.length > 0) statements.push(`${statements.pop()}\n${line}`)
  const declared = new Map<string, Exported>()
  const hidden = new Map<string, string>()
  const passed = new Map<string, { readonly name: string; readonly specifier: string }>()
  let doc = ''
  for (const statement of statements) {
    if (statement.startsWith('/**')) {
      doc = textOfComment(statement)
      continue
    }
    const name = DECLARES.exec(statement)?.[1]
    const code = statement.replaceAll(/^( {4})+/gm, (indent) => ' '.repeat(indent.length / 2))
    if (name !== undefined && !statement.startsWith('export')) hidden.set(name, code)
    else if (name !== undefined) {
      const known = declared.get(name)
      // overloads
      declared.set(
        name,
        known === undefined ? { name, doc, code } : { ...known, code: `${known.code}\n${code}` },
      )
    }
    const [, names, specifier] = PASSES.exec(statement) ?? []
    if (names !== undefined && specifier !== undefined)
      for (const one of namesIn(names)) passed.set(one.as, { name: one.name, specifier })
    doc = ''
  }
  const whole = [...declared].map(
    ([name, one]) => [name, { ...one, code: withHidden(one.code, hidden) }] as const,
  )
  return { declared: new Map(whole), passed }
}

function withHidden(code: string, hidden: ReadonlyMap<string, string>): string {
  const parts = new Set([code])
  for (const part of parts)
    for (const [word] of part.matchAll(/\w+/g)) {
      const behind = hidden.get(word)
      if (behind !== undefined) parts.add(behind)
    }
  return [...parts].join('\n')
}

function textOfComment(comment: string): string {
  return comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim()
}

const namesIn = (list: string): readonly { readonly name: string; readonly as: string }[] =>
  list
    .split(',')
    .map((one) => one.trim().replace(/^type /, ''))
    .filter((one) => one !== '')
    .map((one) => {
      const [name = '', as = name] = one.split(' as ')
      return { name, as }
    })

/** An index is comments and named exports; its comments are the headings of what follows. */
function surfaceOf(owner: WorkspacePackage, subpath: string, source: string, read: Read): Surface {
  const text = readFileSync(join(owner.folder, source), 'utf8')
  const path = posix.join(owner.short, source).replace(/\.ts$/, '')
  const groups: { title: string | null; exports: Exported[] }[] = []
  let intro = ''
  for (const [block] of text.matchAll(/(?:^\/\/.*\n)+|^export [^;]*? from '[^']+'$/gm)) {
    if (block.startsWith('//')) {
      const comment = block.replaceAll(/^\/\/ ?/gm, '').trim()
      if (groups.length === 0 && intro === '') intro = comment
      else groups.push({ title: comment.replaceAll('\n', ' '), exports: [] })
      continue
    }
    if (groups.length === 0) groups.push({ title: null, exports: [] })
    const names = namesIn(/\{([^}]*)\}/.exec(block)?.[1] ?? '')
    groups.at(-1)?.exports.push(...names.map(({ as }) => read(path, as)))
  }
  return { specifier: posix.join(owner.manifest.name, subpath), intro, groups }
}
