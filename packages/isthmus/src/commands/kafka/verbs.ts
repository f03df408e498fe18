import type { ParseArgsConfig } from 'node:util'
import { didYouMean } from '@isthmus/runtime/nearest'
import { commandLine, mistake } from '../command-line.ts'

/**
 * As `commandLine`, of a command whose first word says what to do: that word, and the rest of them. The exit code, too, after what is
 * no such word, which has been said.
 */
export function verbLine<V extends string, const O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  usage: string,
  verbs: readonly V[],
  options: O,
) {
  const given = commandLine(args, usage, options)
  if (typeof given === 'number') return given
  const [word, ...rest] = given.positionals
  const verb = verbs.find((one) => one === word)
  if (verb !== undefined) return { verb, rest, values: given.values }
  if (word === undefined) {
    process.stderr.write(usage)
    return 1
  }
  const hint = didYouMean(word, verbs) || `; there are ${verbs.join(', ')}.`
  process.stderr.write(mistake(`Unknown word '${word}'${hint}`, usage))
  return 1
}
