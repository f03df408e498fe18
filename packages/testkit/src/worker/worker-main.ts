/**
 * The process of a worker that a test runs: a command of Isthmus, started as its own file would be, which ends when the test's process does,
 * whatever that dies of. Arguments: the folder of the test's worker, which goes with it; the command's file; and what the command is given.
 */
import { rmSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [node = '', , folder = '', command = '', ...args] = process.argv

process.on('disconnect', () => {
  rmSync(folder, { recursive: true, force: true })
  process.kill(process.pid, 'SIGKILL')
})
// the worker alone says how long it lives
process.channel?.unref()
process.argv = [node, command, ...args]
await import(pathToFileURL(command).href)
