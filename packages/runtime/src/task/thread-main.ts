import { parentPort } from 'node:worker_threads'
import { openInside } from './inside.ts'
import type { ToInstance } from './messages.ts'

// the entry module of a connector's thread
if (parentPort !== null) {
  const port = parentPort
  const inside = openInside({
    send: (message) => port.postMessage(message),
    // connectors without tasks never pay for the client
    kafka: () => import('@isthmus/kafka'),
  })
  port.on('message', (message: ToInstance) => inside.receive(message))
}
