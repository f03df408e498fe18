import { parentPort, workerData } from 'node:worker_threads'
import type { Scan } from './descriptor.ts'
import { lendSdk } from './own-sdk.ts'
import { type Candidate, scanCandidate, UNSETTLED } from './scan.ts'

// the entry module of the thread that scans for plugins: one message for each module
lendSdk()
// as Node would, but for the lines that it prints then
process.once('beforeExit', () => process.exit(UNSETTLED))
for (const candidate of workerData as readonly Candidate[])
  parentPort?.postMessage((await scanCandidate(candidate)) satisfies Scan)
