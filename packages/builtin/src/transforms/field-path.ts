import { type ConfigDef, type ConfigOf, ConnectError, oneOfIgnoringCase } from '@isthmus/sdk'

export const fieldSyntax = {
  'field.syntax.version': {
    type: 'string',
    default: 'V1',
    validate: oneOfIgnoringCase('V1', 'V2'),
    importance: 'high',
    doc: 'V1: names are those of fields at the top. V2: names are paths, with a dot between the names of fields; one with dots in it stands between backticks.',
  },
} as const satisfies ConfigDef

/** The names on the way to a field, from the outside in. */
export type FieldPath = readonly string[]

export function parseFieldPath(
  path: string,
  syntax: ConfigOf<typeof fieldSyntax>['field.syntax.version'],
): FieldPath {
  return syntax.toUpperCase() === 'V2' ? namesOf(path) : [path]
}

function namesOf(path: string): FieldPath {
  const names: string[] = []
  let from = 0
  while (from < path.length) {
    if (path[from] === '`') {
      const { name, end } = quotedName(path, from)
      names.push(name)
      from = end + 2
    } else {
      const dot = path.indexOf('.', from)
      names.push(dot < 0 ? path.slice(from) : path.slice(from, dot))
      from = dot < 0 ? path.length : dot + 1
    }
  }
  if (path.endsWith('.')) names.push('')
  return names
}

/**
 * A name from one backtick to the next that a dot or the end follows; before a dot, a backslash makes a backtick part of the name.
 * `end` is where the closing backtick stands.
 */
function quotedName(path: string, opening: number): { readonly name: string; readonly end: number } {
  let name = ''
  let from = opening + 1
  let at = from
  for (;;) {
    at = path.indexOf('`', at)
    if (at < 0) throw incomplete(path, opening)
    const escaped = path[at - 1] === '\\'
    const last = at === path.length - 1
    if (last && escaped) throw incomplete(path, opening)
    if (last || (path[at + 1] === '.' && !escaped)) return { name: name + path.slice(from, at), end: at }
    if (path[at + 1] === '.') {
      name += `${path.slice(from, at - 1)}\``
      from = at + 1
    }
    at++
  }
}

const incomplete = (path: string, opening: number): ConnectError =>
  new ConnectError(
    'config',
    `Incomplete backtick pair in path: [${path}], consider adding a backslash before backtick at position ${opening} to escape it`,
  )
