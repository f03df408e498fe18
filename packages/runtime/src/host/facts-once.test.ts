import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Crossing, factsAgain, factsOnce } from './facts-once.ts'
import type { ToHost, WorkerFacts } from './messages.ts'

it('what instances know of their worker crosses once, and again when it has changed', () => {
  const crossed: Crossing[] = []
  const received: ToHost[] = []
  const again = factsAgain((message) => received.push(message))
  const post = factsOnce((message) => {
    crossed.push(message)
    again(structuredClone(message))
  })
  const facts = (clusterId: string): WorkerFacts => ({ props: {}, clusterId, plugins: [] })
  const opening = (instance: number, worker: WorkerFacts): ToHost => ({
    type: 'open',
    instance,
    spec: { kind: 'check', connector: `c${instance}`, connectorConfig: {}, target: 'STARTED', worker },
  })
  const [before, after] = [facts('before'), facts('after')]
  const messages: ToHost[] = [
    opening(1, before),
    { type: 'ping' },
    opening(2, before),
    opening(3, after),
    { type: 'stop', instance: 3 },
  ]
  for (const message of messages) post(message)
  assert.deepEqual(received, messages)
  assert.deepEqual(
    crossed.map(({ type }) => type),
    ['worker', 'open', 'ping', 'open', 'worker', 'open', 'stop'],
  )
  const workers = received.flatMap((message) => (message.type === 'open' ? [message.spec.worker] : []))
  assert.equal(workers[0], workers[1], 'they share one copy')
})
