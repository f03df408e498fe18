import { parentPort, workerData } from 'node:worker_threads'
import { type ScanRequest, scanPlugins } from './scan.ts'

// the entry module of the thread that scans for plugins
parentPort?.postMessage(await scanPlugins(workerData as ScanRequest))
