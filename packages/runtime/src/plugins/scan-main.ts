import { readFileSync, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { MESSAGES_FD } from '../host/process-pipes.ts'
import { messageOf } from '../text/trace.ts'
import { brokenBuiltIn } from './broken-built-in.ts'
import { changedBuiltIns } from './built-ins.ts'
import { lendSdk } from './own-sdk.ts'
import type { Candidate } from './places.ts'
import { protectProcess } from './protect.ts'
import { scanModule } from './scan.ts'
import { SCAN_MEMORY_MB, UNSETTLED } from './scan-limits.ts'

// the entry module of a process that scans for plugins: it reads what to import, and writes a line for each module
new Worker(new URL('../host/process-guard.ts', import.meta.url), {
  name: 'guard',
  workerData: SCAN_MEMORY_MB,
  resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
}).unref()

const { stringify } = JSON
// what modules make of `process.exit` and of its event is not to keep this process, which they may have changed, for the next ones
const { reallyExit } = process as unknown as { reallyExit(code: number): never }
const exit = reallyExit.bind(process)
const say = (message: unknown): void => void writeSync(MESSAGES_FD, `${stringify(message)}\n`)

// a terminal and an init system send these to all processes; the worker ends this one
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('uncaughtException', (error) => {
  say({ thrown: messageOf(error) })
  exit(1)
})
// as Node would, but for the lines that it prints then
process.once('beforeExit', () => exit(UNSETTLED))

const candidates = JSON.parse(readFileSync(0, 'utf8')) as readonly Pick<Candidate, 'module' | 'location'>[]
const folder = process.cwd()
lendSdk()
protectProcess()
say({ begins: true })
for (let at = 0; at < candidates.length; at++) {
  say(await scanModule(candidates[at] as (typeof candidates)[number]))
  // the next ones get another process, in which all is as it was
  if (brokenBuiltIn() !== null || changedBuiltIns() !== null) exit(0)
  process.chdir(folder)
}
exit(0)
