import { Worker } from 'node:worker_threads'
import { ConnectError } from '@isthmus/sdk'
import { messageOf } from '../text/trace.ts'
import type { PluginDescriptor, Scan } from './descriptor.ts'
import { indexedPlugins } from './plugin-index.ts'
import { addPlugins, type Candidate, listCandidates, notLoaded, type ScanRequest, UNSETTLED } from './scan.ts'
import { duplicateWarnings } from './version.ts'

export interface ScanLimits {
  /** Gives the scan up. */
  readonly signal?: AbortSignal | undefined
  /** How long a module may take to be imported. */
  readonly moduleMs?: number
}

/** A large module on a busy machine takes seconds. */
const MODULE_MS = 15_000

/**
 * What there is by the packages' own indexes, and for the rest a scan in threads that end with it: what plugins do when imported stays
 * there. A module that ends its thread or keeps it busy is left out with a warning; the scan goes on in another one.
 */
export async function scanInThread({ packages, paths }: ScanRequest, limits: ScanLimits = {}): Promise<Scan> {
  const plugins: PluginDescriptor[] = []
  const unknown: string[] = []
  for (const entry of packages) {
    const indexed = await indexedPlugins(entry)
    if (indexed === null) unknown.push(entry)
    else plugins.push(...indexed)
  }
  if (unknown.length === 0 && paths.length === 0) return { plugins, warnings: [] }
  const { candidates, warnings } = await listCandidates({ packages: unknown, paths })
  const found = await importAll(candidates, limits)
  const all = [...plugins, ...found.plugins]
  return { plugins: all, warnings: [...warnings, ...found.warnings, ...duplicateWarnings(all)] }
}

async function importAll(candidates: readonly Candidate[], limits: ScanLimits): Promise<Scan> {
  const plugins: PluginDescriptor[] = []
  const warnings: string[] = []
  let left = candidates
  while (left.length > 0) {
    const { scans, ended } = await importInOneThread(left, limits)
    for (const scan of scans) {
      addPlugins(plugins, scan.plugins)
      warnings.push(...scan.warnings)
    }
    left = left.slice(scans.length)
    const [next] = left
    if (ended === null || next === undefined) break
    // what an earlier module left behind may have ended the thread: only the first of a thread is to blame for that
    if (!ended.certain && scans.length > 0) continue
    warnings.push(notLoaded(next.module, `${ended.why}; it is left out.`))
    left = left.slice(1)
  }
  return { plugins, warnings }
}

interface Ended {
  readonly why: string
  /** It is known which module did it. */
  readonly certain: boolean
}

/** What was found until all is imported or the thread has ended, and why it did. */
async function importInOneThread(
  candidates: readonly Candidate[],
  { signal, moduleMs = MODULE_MS }: ScanLimits,
): Promise<{ readonly scans: readonly Scan[]; readonly ended: Ended | null }> {
  const scans: Scan[] = []
  const over = Promise.withResolvers<Ended | null>()
  const late = setTimeout(
    () => over.resolve({ why: `it was not imported within ${moduleMs / 1000} s`, certain: false }),
    moduleMs,
  )
  const giveUp = () => over.reject(new ConnectError('state', 'The scan for plugins was given up'))
  const worker = new Worker(new URL('./scan-main.ts', import.meta.url), {
    name: 'plugin scan',
    workerData: candidates,
  })
  worker.on('message', (scan: Scan) => {
    scans.push(scan)
    late.refresh()
    if (scans.length === candidates.length) over.resolve(null)
  })
  worker.once('error', (error) =>
    over.resolve({ why: `an error that nothing caught: ${messageOf(error)}`, certain: false }),
  )
  worker.once('exit', (code) =>
    over.resolve(
      code === UNSETTLED
        ? { why: 'a top-level await in it never settles', certain: true }
        : { why: `its code ended the thread with exit code ${code}`, certain: false },
    ),
  )
  signal?.addEventListener('abort', giveUp, { once: true })
  if (signal?.aborted) giveUp()
  try {
    return { ended: await over.promise, scans }
  } finally {
    clearTimeout(late)
    signal?.removeEventListener('abort', giveUp)
    await worker.terminate()
  }
}
