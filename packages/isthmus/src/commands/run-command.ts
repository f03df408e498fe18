import { told } from './explain.ts'

/** What still runs so long after a command is over is not waited for: a connection that does not close, a thread that hangs. */
const LEFT_BEHIND_MS = 10_000

/** Runs a command as this process, and ends it with the command's exit code. What the command throws is said, and ends it with 1. */
export async function runCommand(
  command: (args: readonly string[]) => Promise<number>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  // who reads the log may go away; the worker stays
  process.stderr.on('error', () => {})
  // as `| head` does: what is written for nobody is no reason to end with a trace
  process.stdout.on('error', () => process.emit('SIGPIPE', 'SIGPIPE'))
  try {
    process.exitCode = await command(args)
  } catch (error) {
    process.stderr.write(`${told(error)}\n`)
    process.exitCode = 1
  }
  setTimeout(() => process.exit(), LEFT_BEHIND_MS).unref()
}
