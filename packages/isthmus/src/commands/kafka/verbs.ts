import { didYouMean } from '@isthmus/runtime/nearest'
import { mistake } from '../command-line.ts'

/** The first word behind a command, where it says what to do; or the exit code after what is no such word, which has been said. */
export function verbOf<V extends string>(
  [word, ...rest]: readonly string[],
  verbs: readonly V[],
  usage: string,
): { readonly verb: V; readonly rest: readonly string[] } | number {
  const verb = verbs.find((one) => one === word)
  if (verb !== undefined) return { verb, rest }
  if (word === undefined) {
    process.stderr.write(usage)
    return 1
  }
  const hint = didYouMean(word, verbs) || `; there are ${verbs.join(', ')}.`
  process.stderr.write(mistake(`Unknown word '${word}'${hint}`, usage))
  return 1
}
