/**
 * Options of the worker's Node.js that are not for the process of a connector: a debugger listens once, the sizes of heaps are those of the
 * connector, and a program on the command line is the worker's own.
 */
const OWN =
  /^--(inspect|debug|max-old-space|max-semi-space|min-semi-space|max-heap-size|watch|test|title|heapsnapshot-near|eval|print|input-type|interactive)|^-(e|p|pe|i)$/

/** What is left of a list of options; a word after an option that is left out belongs to it. */
export function childOptions(options: readonly string[]): readonly string[] {
  let dropped = false
  return options.filter((option) => {
    if (option.startsWith('-')) dropped = OWN.test(option.replaceAll('_', '-'))
    return !dropped
  })
}

/** The worker's environment for the process of a connector. */
export function childEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: options, ...rest } = env
  const kept = childOptions(options?.match(/(?:[^\s"]|"(?:\\.|[^"])*")+/g) ?? [])
  return kept.length === 0 ? rest : { ...rest, NODE_OPTIONS: kept.join(' ') }
}
