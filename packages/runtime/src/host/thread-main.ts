import { flushCompileCache } from 'node:module'
import { parentPort } from 'node:worker_threads'
import { lendSdk } from '../plugins/own-sdk.ts'
import { protectProcess } from '../plugins/protect.ts'
import { publicThrown } from '../secrets/secrets.ts'
import { type Crossing, factsAgain } from './facts-once.ts'
import { openInside } from './inside/inside.ts'
import { captureOutput } from './inside/output.ts'
import { COLLECT, collectGarbage, GIVE_BACK } from './thread-memory.ts'

// the entry module of a connector's thread
const FLUSH_MS = 2000
lendSdk()
protectProcess()
if (parentPort !== null) {
  // ends the thread as it would by itself, but for what its message tells
  process.on('uncaughtException', (error) => {
    throw publicThrown(error)
  })
  const port = parentPort
  const inside = openInside({
    send: (message) => port.postMessage(message),
    // connectors without tasks never pay for the client
    kafka: () => import('@isthmus/kafka'),
  })
  captureOutput(inside.log)
  const receive = factsAgain(inside.receive)
  port.on('message', (message: Crossing | typeof COLLECT | typeof GIVE_BACK) => {
    if (message === COLLECT || message === GIVE_BACK)
      port.postMessage({ type: COLLECT, ...collectGarbage(message) })
    else receive(message)
  })
  // the first message of all: from now on it takes instances
  port.postMessage('started')
  // what the first thread compiled is there for the others, and not only when this one ends
  setTimeout(flushCompileCache, FLUSH_MS).unref()
}
