import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { takesVersion } from './engine-range.ts'

/** What an import failed with. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** URL of the module that was to be imported. */
  readonly module: string
  /** Of `require`: who asked for it, the nearest first. */
  readonly requireStack: readonly string[]
}

const HERE = `this is Node.js ${process.version} on ${process.platform}-${process.arch}`

/** How to mend what keeps a module from being imported, where that can be told; else null. */
export function mendingOf(failure: Failure): string | null {
  const { code, message } = failure
  return BY_CODE[code]?.(failure) ?? byMessage(failure, message) ?? engineOf(failure)
}

const BY_CODE: { readonly [code: string]: (failure: Failure) => string | null } = {
  ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING: () =>
    'Node.js runs no TypeScript below node_modules: publish the package as JavaScript, or put the plugin into a folder of plugin.path',
  ERR_UNKNOWN_FILE_EXTENSION: ({ message }) =>
    message.includes('.tsx"') ? 'Node.js runs no .tsx: name it .ts, or compile it' : null,
  ERR_IMPORT_ATTRIBUTE_MISSING: () => "write `with { type: 'json' }` behind the name of the file",
  ERR_UNSUPPORTED_DIR_IMPORT: () => 'name the file in that folder, such as index.ts',
  ERR_REQUIRE_ASYNC_MODULE: () => 'use `await import()` for it instead of `require()`',
  ERR_UNKNOWN_BUILTIN_MODULE: () => HERE,
  ERR_DLOPEN_FAILED: ({ module }) =>
    `it is a native module that was made for another system, and ${HERE}: run \`npm rebuild\` in ${packageFolder(fileOf(module))}`,
  ERR_MODULE_NOT_FOUND: notFound,
  MODULE_NOT_FOUND: notFound,
}

/** What Node.js erases no type of, and what to write for it. */
const ERASABLE: readonly (readonly [RegExp, string])[] = [
  [/enum/, 'an object with `as const`'],
  [/namespace|module/, 'a module of its own'],
  [/parameter property/, 'a field that the constructor assigns'],
  [/import/, 'an import of ES modules'],
]

function byMessage({ module }: Failure, message: string): string | null {
  if (message.includes('strip-only mode')) {
    const instead = ERASABLE.find(([pattern]) => pattern.test(message))?.[1]
    return `Node.js only erases types${instead === undefined ? '' : `: write ${instead}`}, or compile the plugin; tsc finds such places with "erasableSyntaxOnly"`
  }
  if (message.includes('is not defined in ES module scope'))
    return 'name the file .cjs, or write `import` and `export`'
  if (message.includes('import statement outside a module'))
    return 'name the file .mjs, or write "type": "module" into its package.json'
  if (message.includes('is a CommonJS module'))
    return 'import all of it, `import all from …`, and take the name from that'
  const exported = /The requested module '([^']+)' does not provide an export named/.exec(message)?.[1]
  if (exported?.startsWith('node:')) return HERE
  if (exported !== undefined && /\.[cm]?ts$/.test(exported)) return 'if it is a type, write `import type`'
  if (message.includes('Invalid or unexpected token') && hasDecorators(module))
    return 'Node.js knows no decorators: call the function instead, or compile the plugin'
  return null
}

const hasDecorators = (module: string): boolean => /(^|[\s{};])@\w+/m.test(textOf(fileOf(module)) ?? '')

const PACKAGE = /Cannot find (?:package|module) '((?:@[^/']+\/)?[^./'@~#][^/']*)/
const ALIAS = /Cannot find (?:package|module) '([@~#][^']*)'/
const FILE = /Cannot find module '((?:\/|\.{1,2}\/|[A-Z]:\\)[^']*)'/

function notFound({ message, module, requireStack }: Failure): string | null {
  const importer = / imported from (.+)$/m.exec(message)?.[1] ?? requireStack[0] ?? fileOf(module)
  const file = FILE.exec(message)?.[1]
  if (file !== undefined) return nameOf(join(file.startsWith('.') ? dirname(importer) : '', file))
  const name = PACKAGE.exec(message)?.[1]
  const alias = ALIAS.exec(message)?.[1]
  const folder = packageFolder(importer)
  if (alias !== undefined && (alias.startsWith('@/') || name === undefined))
    return `Node.js does not read the paths of tsconfig.json: write the path of the file, or "imports" in ${join(folder, 'package.json')}`
  return name === undefined ? null : `run \`npm install ${name}\` in ${folder}`
}

/** What is there instead of a file that is not, as TypeScript lets it be named. */
function nameOf(path: string): string | null {
  const plain = path.replace(/\.[cm]?js$/, '')
  const there = [`${plain}.ts`, `${plain}.mts`, `${plain}.js`, `${plain}.mjs`, join(plain, 'index.ts')].find(
    existsSync,
  )
  return there === undefined || there === path
    ? null
    : `it is ${basename(there) === 'index.ts' ? join(basename(plain), 'index.ts') : basename(there)} there, and Node.js takes names as they are: write them whole`
}

/** A manifest may say for which versions of Node.js the code is. */
function engineOf({ module }: Failure): string | null {
  const text = module.startsWith('file:') ? textOf(join(packageFolder(fileOf(module)), 'package.json')) : null
  try {
    const { engines } = JSON.parse(text ?? '{}') as { engines?: { node?: unknown } }
    return typeof engines?.node === 'string' && !takesVersion(engines.node, process.versions.node)
      ? `its package.json asks for Node.js ${engines.node}, and ${HERE}`
      : null
  } catch {
    return null
  }
}

/** The folder of the next package.json, else of the file. */
function packageFolder(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return folder
  return dirname(file)
}

const fileOf = (module: string): string => (module.startsWith('file:') ? fileURLToPath(module) : module)

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
