import { parentPort, workerData } from 'node:worker_threads'
import { lendSdk } from './own-sdk.ts'
import { type ScanRequest, scanPlugins } from './scan.ts'

// the entry module of the thread that scans for plugins
lendSdk()
parentPort?.postMessage(await scanPlugins(workerData as ScanRequest))
