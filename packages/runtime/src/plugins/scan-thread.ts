import { Worker } from 'node:worker_threads'
import { ConnectError } from '@isthmus/sdk'
import type { PluginDescriptor, Scan } from './descriptor.ts'
import { indexedPlugins } from './plugin-index.ts'
import type { ScanRequest } from './scan.ts'

/**
 * What there is by the packages' own indexes, and for the rest a scan in a thread of its own, which ends with the scan: what
 * plugins do when imported stays there.
 */
export async function scanInThread({ packages, paths }: ScanRequest): Promise<Scan> {
  const plugins: PluginDescriptor[] = []
  const unknown: string[] = []
  for (const entry of packages) {
    const indexed = await indexedPlugins(entry)
    if (indexed === null) unknown.push(entry)
    else plugins.push(...indexed)
  }
  if (unknown.length === 0 && paths.length === 0) return { plugins, warnings: [] }
  const found = await scanImporting({ packages: unknown, paths })
  return { plugins: [...plugins, ...found.plugins], warnings: found.warnings }
}

async function scanImporting(request: ScanRequest): Promise<Scan> {
  const worker = new Worker(new URL('./scan-main.ts', import.meta.url), {
    name: 'plugin scan',
    workerData: request,
  })
  try {
    return await new Promise<Scan>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () =>
        reject(new ConnectError('plugin', 'The scan for plugins ended without a result')),
      )
    })
  } finally {
    await worker.terminate()
  }
}
