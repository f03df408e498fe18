import { builtinModules } from 'node:module'

/** What can be created. */
export const KINDS = ['source', 'sink', 'transform', 'converter'] as const
export type Kind = (typeof KINDS)[number]

export interface Names {
  /** Of the package, as npm calls it. */
  readonly package: string
  /** The same without a scope: of the folder, the connector and its topic. */
  readonly short: string
  /** What the class is called, before the kind that follows in the name of all but transforms: `MyApi` of `my-api`, and of `my-api-source` for a source. */
  readonly base: string
}

const NAME = /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z][a-z0-9._-]*$/
const LONGEST = 214
/** What the created package depends on: npm installs no package into itself. */
const DEPENDENCIES = ['isthmus', 'typescript', '@isthmus/sdk', '@isthmus/testkit']

/** The names that follow from the one that was given, or why it is none. */
export function namesOf(kind: Kind, name: string): Names | { readonly refused: string } {
  if (!NAME.test(name)) return { refused: `'${name}' is no name of an npm package: ${why(name)}` }
  if (name.length > LONGEST)
    return {
      refused: `'${name}' has ${name.length} characters; the name of a package has ${LONGEST} at most`,
    }
  if (builtinModules.includes(name) || name === 'node_modules')
    return { refused: `'${name}' is a name of Node.js itself; a package cannot have it` }
  if (DEPENDENCIES.includes(name))
    return { refused: `'${name}' is a package that the new one needs; it must have another name` }
  const short = name.slice(name.indexOf('/') + 1)
  const words = short.split(/[._-]+/).filter((word) => word !== '')
  const repeats = kind !== 'transform' && words.length > 1 && words.at(-1) === kind
  const own = repeats ? words.slice(0, -1) : words
  return { package: name, short, base: own.map(capitalized).join('') }
}

const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

function why(name: string): string {
  const like = name
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
    .toLowerCase()
    .replaceAll(/[\s/\\]+/g, '-')
  const rule = 'it begins with a letter, and has lower-case letters, digits, hyphens, dots and underscores'
  return like !== name && NAME.test(like) ? `${rule}. Did you mean '${like}'?` : `${rule}.`
}
