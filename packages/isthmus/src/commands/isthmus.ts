import { didYouMean } from '@isthmus/runtime/nearest'
import { commandLine } from './command-line.ts'
import { commandNamed, commands } from './commands.ts'

const widest = Math.max(...Object.keys(commands).map((name) => name.length))

const USAGE = `Usage: isthmus <command> [arguments]

Commands:
${Object.entries(commands)
  .map(([name, { does }]) => `  ${name.padEnd(widest)}  ${does}`)
  .join('\n')}

Options:
  -h, --help  this, or with a command what that takes: isthmus help <command>, isthmus <command> --help
  --version   which version this is

Examples:
  isthmus quickstart
  isthmus standalone worker.properties connector.json

Exit codes: 0 done, or stopped by a signal; 1 a mistake in the command line, or it failed; 2 it could not start:
a property, a port, Kafka; 130 stopped at once by a second signal.
`

/** `isthmus <command> …`: every command under one name. */
export async function isthmus([name = '', ...args]: readonly string[]): Promise<number> {
  const command = commandNamed(name)
  if (command !== undefined) return await (await command.load())(args)
  if (name === 'help') return await help(args)
  const asked = commandLine(name === '' ? [] : [name], USAGE, {})
  if (typeof asked === 'number') return asked
  process.stderr.write(name === '' ? USAGE : unknown(name))
  return 1
}

async function help([name, ...more]: readonly string[]): Promise<number> {
  if (name === undefined || name.startsWith('-')) {
    process.stdout.write(USAGE)
    return 0
  }
  const command = commandNamed(name)
  if (command !== undefined) return await (await command.load())([...more, '--help'])
  process.stderr.write(unknown(name))
  return 1
}

const unknown = (name: string): string =>
  `Unknown command '${name}'${didYouMean(name, Object.keys(commands)) || '.'} See isthmus --help.\n`
