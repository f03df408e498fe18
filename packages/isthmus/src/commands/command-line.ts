import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { didYouMean } from '@isthmus/runtime/nearest'

/** The version of Kafka's Connect whose files, answers and topics are these. */
const KAFKA_VERSION = '4.3.1'

const versionLine = (): string => {
  const manifest = findPackageJSON('.', import.meta.url) as string
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return `Isthmus ${version} (Kafka Connect ${KAFKA_VERSION})\n`
}

type Options = NonNullable<ParseArgsConfig['options']>
const ASKING = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies Options

/** Where the words go; given by tests. */
export interface Outputs {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}
const processOutputs: Outputs = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
}

/**
 * What the command line of a command says; or the exit code, when the command has nothing left to do: 0 after `--help` and `--version`,
 * 1 after a mistake, which is said in one line. `usage` begins with the command's name.
 */
export function commandLine<const O extends Options>(
  args: readonly string[],
  usage: string,
  options: O,
  { out, err }: Outputs = processOutputs,
) {
  const config = { args: [...args], options: { ...options, ...ASKING }, allowPositionals: true } as const
  let parsed: ReturnType<typeof parseArgs<typeof config>>
  try {
    parsed = parseArgs(config)
  } catch (error) {
    err(mistake(mistaken(error as Error, Object.keys(config.options)), usage))
    return 1
  }
  const { values, positionals } = parsed
  if ('help' in values && values.help === true) {
    out(usage)
    return 0
  }
  if ('version' in values && values.version === true) {
    out(versionLine())
    return 0
  }
  return { values, positionals }
}

/** The options of a command that takes nothing else; or its exit code, as above. */
export function optionsOnly<const O extends Options>(
  command: string,
  args: readonly string[],
  usage: string,
  options: O,
  outputs: Outputs = processOutputs,
) {
  const given = commandLine(args, usage, options, outputs)
  if (typeof given === 'number') return given
  const [other] = given.positionals
  if (other === undefined) return given.values
  outputs.err(mistake(`${command} takes options only, not '${other}'.`, usage))
  return 1
}

/** What is said of a mistake in the command line, in one line. */
export const mistake = (what: string, usage: string): string =>
  `${what} See ${/^Usage: (isthmus \S+)/.exec(usage)?.[1]?.replace(' <command>', '') ?? 'isthmus'} --help.\n`

function mistaken({ message }: Error, known: readonly string[]): string {
  // the first sentence says what is wrong, the others how such an argument could be given all the same
  const [what = ''] = message.split(/\.\s/)
  const option = /^Unknown option '--(.+)'/.exec(what)?.[1]
  if (option === undefined) return `${what}.`
  const meant = didYouMean(option, known).replace("'", "'--")
  return `${what}${meant || '.'}`
}
