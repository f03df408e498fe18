import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { didYouMean } from '@isthmus/runtime/nearest'
import { commandLine, mistake } from '../commands/command-line.ts'
import { KINDS, type Kind, type Names, namesOf } from './names.ts'

const USAGE = `Usage: isthmus create source|sink|transform|converter NAME [--dir DIR]

  Makes the folder NAME with a package in it: code in TypeScript, its tests, a configuration to run it with,
  and a README. Its tests pass and it runs as it is.

Options:
  --dir DIR   the folder to make, in place of NAME; it must not exist yet
  -h, --help  this
  --version   which version this is

Examples:
  isthmus create source my-api
  isthmus create sink @acme/orders --dir connectors/orders

Exit codes: 0 made; 1 anything else, and then nothing was written.
`

const TEMPLATES = new URL('./templates/', import.meta.url)
/** What the packages of all kinds have. npm leaves a .gitignore out of what it publishes, so it has another name here. */
const SHARED = { 'package.json': 'package.json', 'tsconfig.json': 'tsconfig.json', gitignore: '.gitignore' }

/** A package for a plugin, as its author begins with it. */
export async function create(args: readonly string[]): Promise<number> {
  const given = commandLine(args, USAGE, { dir: { type: 'string' } })
  if (typeof given === 'number') return given
  const refuse = (text: string): number => {
    process.stderr.write(`${text}\n`)
    return 1
  }
  const [kind, name, ...others] = given.positionals
  const misused = (text: string): number => refuse(mistake(text, USAGE).trimEnd())
  if (kind === undefined) return misused(`Nothing to create; ${KINDS.join(', ')} can be.`)
  if (!isKind(kind))
    return misused(`'${kind}' is none of ${KINDS.join(', ')}${didYouMean(kind, KINDS) || '.'}`)
  if (name === undefined) return misused(`The ${kind} has no name.`)
  if (others.length > 0) return misused(`One name, not '${[name, ...others].join(' ')}'.`)
  const names = namesOf(kind, name)
  if ('refused' in names) return refuse(names.refused)
  const folder = resolve(given.values.dir ?? names.short)
  if ((await stat(folder).catch(() => null)) !== null)
    return refuse(`${folder} is there already; nothing was written. Name another folder with --dir.`)
  try {
    process.stdout.write(told(folder, await write(kind, names, folder)))
    return 0
  } catch (error) {
    return refuse(`${folder} cannot be made: ${whyUnmade(error)}; nothing was written.`)
  }
}

/** Why a folder or a file could not be written, in words. */
function whyUnmade(error: unknown): string {
  const { code = '', path = '', message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `this user may not write into ${dirname(path)}`
    case 'EEXIST':
    case 'ENOTDIR':
      return `${path} is a file, not a folder`
    case 'ENOSPC':
      return 'no space is left'
    case 'EROFS':
      return `${dirname(path)} can only be read`
    default:
      return message
  }
}

const isKind = (kind: string): kind is Kind => (KINDS as readonly string[]).includes(kind)

/** The whole folder at once: it is made beside its place, and moved there. Answers with its files. */
async function write(kind: Kind, names: Names, folder: string): Promise<readonly string[]> {
  await mkdir(dirname(folder), { recursive: true })
  const draft = join(dirname(folder), `.${basename(folder)}-${process.pid}`)
  try {
    await cp(fileURLToPath(new URL(kind, TEMPLATES)), draft, { recursive: true })
    for (const [from, to] of Object.entries(SHARED))
      await cp(fileURLToPath(new URL(from, TEMPLATES)), join(draft, to))
    const files = await readdir(draft, { recursive: true, withFileTypes: true })
    const written: string[] = []
    for (const file of files.filter((one) => one.isFile())) {
      const path = join(file.parentPath, file.name)
      const own = join(file.parentPath, named(file.name, names))
      await writeFile(path, named(await readFile(path, 'utf8'), names))
      await rename(path, own)
      written.push(relative(draft, own))
    }
    await rename(draft, folder)
    return written.sort()
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

/** A text of a template, or the name of one of its files, with the names of the new package. */
const named = (text: string, { package: name, short, base }: Names): string =>
  text
    .replaceAll('"name": "my-name"', `"name": "${name}"`)
    .replaceAll('my-name', short)
    .replaceAll('MyName', base)

function told(folder: string, files: readonly string[]): string {
  const way = relative('', folder)
  return `Made ${way}:

${files.map((file) => `  ${file}`).join('\n')}

Go on with

  cd ${/^[\w./@~-]+$/.test(way) ? way : `'${way.replaceAll("'", `'\\''`)}'`}
  npm install
  npm test
  npm run dev
`
}
