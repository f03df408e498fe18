#!/usr/bin/env node
import { keepCompiledCode } from '../commands/compile-cache.ts'

keepCompiledCode()

/** `isthmus <command> …`: every command under one name. Each is loaded only when it is asked for. */
const commands: { readonly [name: string]: (args: readonly string[]) => Promise<number> } = {
  'connect-standalone': async (args) =>
    (await import('../commands/connect-standalone.ts')).connectStandalone(args),
  'connect-distributed': async (args) =>
    (await import('../commands/connect-distributed.ts')).connectDistributed(args),
  quickstart: async (args) => (await import('../quickstart/quickstart.ts')).quickstart(args),
  broker: async (args) => (await import('../commands/broker.ts')).broker(args),
}

const usage = `Usage: isthmus <command> [arguments]

  connect-standalone  worker.properties [connector.properties | connector.json …]
                      runs connectors in this process
  connect-distributed worker.properties
                      a worker that shares the connectors of its group with others
  quickstart          [--once] [--fresh]
                      copies a file through an embedded broker, with nothing else installed
  broker              [--data-dir DIR] [--host HOST] [--port PORT]
                      runs the embedded broker alone: one node, for development

  isthmus <command> --help says more; --version, which version this is.
`

async function isthmus([name = '', ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command !== undefined) return await command(args)
  const { commandLine } = await import('../commands/command-line.ts')
  const asked = commandLine(name === '' || name === 'help' ? [] : [name], usage, {})
  if (typeof asked === 'number') return asked
  if (name === 'help') process.stdout.write(usage)
  else process.stderr.write(name === '' ? usage : `Unknown command '${name}'.\n\n${usage}`)
  return name === 'help' ? 0 : 1
}

const { runCommand } = await import('../commands/run-command.ts')
await runCommand(isthmus)
