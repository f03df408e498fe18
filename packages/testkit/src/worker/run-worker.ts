import type { TestWorker, WorkerOptions } from './worker.ts'

/**
 * Runs connectors in a real worker, on a broker of their own, with nothing else installed:
 *
 * ```ts
 * import assert from 'node:assert/strict'
 * import { test } from 'node:test'
 * import { runWorker } from '@isthmus/testkit'
 *
 * test('an order that was polled arrives, though the worker is killed', async () => {
 *   await using worker = await runWorker({ plugins: [new URL('.', import.meta.url)] })
 *   await worker.connect('orders', { 'connector.class': 'my.OrderSource', topic: 'orders' })
 *   await worker.records('orders', { count: 1 })
 *   await worker.kill()
 *   await worker.restart()
 *   const orders = await worker.records('orders', { count: 3 })
 *   assert.deepEqual(orders.map(({ value }) => value), [{ id: 1 }, { id: 2 }, { id: 3 }])
 * })
 * ```
 *
 * A sink is given its records by `produce`; what it has done with them is asked of its target:
 *
 * ```ts
 * await worker.produce('orders', [{ key: 'a', value: { id: 1 } }])
 * await worker.connect('rows', { 'connector.class': 'my.RowSink', topics: 'orders', url: target.url })
 * await worker.until('a row', () => target.rows.length === 1)
 * ```
 *
 * What is waited for has a deadline. When it is over, the error says what came instead, with the last lines of the worker's log. The worker ends
 * with the process of the test, whatever ends that.
 */
export async function runWorker(options: WorkerOptions = {}): Promise<TestWorker> {
  // loaded here: tests of functions alone need neither broker nor client
  const { openTestWorker } = await import('./test-worker.ts')
  return await openTestWorker(options)
}
