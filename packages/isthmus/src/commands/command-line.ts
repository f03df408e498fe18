import { readFileSync } from 'node:fs'
import { type ParseArgsConfig, parseArgs } from 'node:util'

/** The version of Kafka's Connect whose files, answers and topics are these. */
const KAFKA_VERSION = '4.3.1'

const versionLine = (): string => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
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
 * 1 after a mistake, which is said with the usage.
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
    // the first sentence says what is wrong, the others how such an argument could be given all the same
    err(`${(error as Error).message.split('. ')[0]}.\n\n${usage}`)
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
  outputs.err(`${command} takes options only, not '${other}'.\n\n${usage}`)
  return 1
}
