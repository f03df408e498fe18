import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

const LIMIT = 5 << 20

/** Runs in a thread of its own: what the package adds to its heap, garbage aside. */
const measuring = `
  import { stripTypeScriptTypes } from 'node:module'
  import { setFlagsFromString } from 'node:v8'
  import { runInNewContext } from 'node:vm'
  import { parentPort, workerData } from 'node:worker_threads'
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  // what every thread that runs TypeScript has, be the module itself in the compile cache or not
  await import(workerData.other)
  stripTypeScriptTypes('')
  collect()
  const before = process.memoryUsage().heapUsed
  const began = performance.now()
  await import(workerData.module)
  const ms = performance.now() - began
  collect()
  parentPort.postMessage({ bytes: process.memoryUsage().heapUsed - before, ms })
`

test('a thread pays less than 5 MiB for this package', async (t) => {
  const workerData = {
    other: new URL('log.ts', import.meta.url).href,
    module: new URL('index.ts', import.meta.url).href,
  }
  const url = new URL(`data:text/javascript,${encodeURIComponent(measuring)}`)
  const worker = new Worker(url, { workerData })
  const [{ bytes, ms }] = (await once(worker, 'message')) as [{ bytes: number; ms: number }]
  await worker.terminate()
  t.diagnostic(`${(bytes / 2 ** 20).toFixed(1)} MiB, ${ms.toFixed(0)} ms`)
  assert.ok(bytes < LIMIT, `${bytes} bytes`)
})
