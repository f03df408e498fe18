import { type ConfigDef, type ConfigOf, ConnectError, oneOfIgnoringCase } from '@isthmus/sdk'

export const fieldSyntax = {
  'field.syntax.version': {
    type: 'string',
    default: 'V1',
    validate: oneOfIgnoringCase('V1', 'V2'),
    importance: 'high',
    doc: 'V1: names are those of fields at the top. V2: names are paths with a dot between steps; a step with dots in it stands between backticks.',
  },
} as const satisfies ConfigDef

/** The steps of a path to a field, from the outside in. */
export type FieldPath = readonly string[]

export function parseFieldPath(
  path: string,
  syntax: ConfigOf<typeof fieldSyntax>['field.syntax.version'],
): FieldPath {
  return syntax.toUpperCase() === 'V2' ? stepsOf(path) : [path]
}

function stepsOf(path: string): FieldPath {
  const steps: string[] = []
  let from = 0
  while (from < path.length) {
    if (path[from] === '`') {
      const { step, end } = quotedStep(path, from)
      steps.push(step)
      from = end + 2
    } else {
      const dot = path.indexOf('.', from)
      steps.push(dot < 0 ? path.slice(from) : path.slice(from, dot))
      from = dot < 0 ? path.length : dot + 1
    }
  }
  if (path.endsWith('.')) steps.push('')
  return steps
}

/**
 * A step from one backtick to the next that a dot or the end follows; before a dot, a backslash makes a backtick part of the name.
 * `end` is where the closing backtick stands.
 */
function quotedStep(path: string, opening: number): { readonly step: string; readonly end: number } {
  let step = ''
  let from = opening + 1
  let at = from
  for (;;) {
    at = path.indexOf('`', at)
    if (at < 0) throw incomplete(path, opening)
    const escaped = path[at - 1] === '\\'
    const last = at === path.length - 1
    if (last && escaped) throw incomplete(path, opening)
    if (last || (path[at + 1] === '.' && !escaped)) return { step: step + path.slice(from, at), end: at }
    if (path[at + 1] === '.') {
      step += `${path.slice(from, at - 1)}\``
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
