import { Worker } from 'node:worker_threads'
import { ConnectError } from '@isthmus/sdk'
import type { Scan } from './descriptor.ts'
import type { ScanRequest } from './scan.ts'

/** Scans in a thread of its own, which ends with the scan: what plugins do when imported stays there. */
export async function scanInThread(request: ScanRequest): Promise<Scan> {
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
