import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// the first file of each command of the published package: it has to run on any Node.js that is still about, and runs the command on one that
// is new enough. The command is the file of the same name in `lib`.

const NEEDED = 24
const self = fileURLToPath(import.meta.url)
const command = basename(self)
const main = join(dirname(self), '..', 'lib', command)
const given = process.argv.slice(2)

const majorOf = (version: string): number => Number(version.split('.')[0])

/** Commands that run connectors. */
const WORKERS = /^(connect-)?(standalone|distributed)$|^(quickstart|dev)$/
/**
 * Every connector has threads: with glibc's defaults each thread's allocations stay with it. Measured with 30 threads, this takes a quarter off
 * the memory while they run, and gives back twice as much of it when they end. It counts from the start of a process.
 */
const MALLOC = {
  MALLOC_ARENA_MAX: '4',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '65536',
}

const env = { ...MALLOC, ...process.env }
const args = [...process.execArgv, main, ...given]

if (majorOf(process.versions.node) < NEEDED) runOn(newerNode())
else if (inNewProcess()) process.execve?.(process.execPath, [process.execPath, ...args], env)
else await import(`../lib/${command}`)

function inNewProcess(): boolean {
  const runsWorker = WORKERS.test(command.replace('.js', '')) || WORKERS.test(given[0] ?? '')
  return runsWorker && process.platform === 'linux' && process.env['MALLOC_ARENA_MAX'] === undefined
}

/** Node.js as the npm package `node` has it, where that is installed beside this one. */
function newerNode(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json')
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    const program = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return majorOf(version) >= NEEDED && existsSync(program) ? program : null
  } catch {
    return null
  }
}

function runOn(program: string | null): void {
  if (program === null) {
    process.stderr.write(
      `Isthmus needs Node.js ${NEEDED} or later, and this is ${process.version}: install it from https://nodejs.org, or here with 'npm install node@${NEEDED}'.\n`,
    )
    process.exitCode = 2
    return
  }
  const child = spawn(program, args, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`${program} cannot be run: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    if (signal !== null) process.removeAllListeners(signal)
    if (signal === null) process.exitCode = code ?? 1
    else process.kill(process.pid, signal)
  })
}
