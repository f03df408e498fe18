import { flushCompileCache } from 'node:module'
import { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { lendSdk } from '../plugins/own-sdk.ts'
import { protectProcess } from '../plugins/protect.ts'
import { publicThrown } from '../secrets/secrets.ts'
import { plainError } from '../text/plain-error.ts'
import { type Crossing, factsAgain } from './facts-once.ts'
import { openInside } from './inside/inside.ts'
import { captureOutput } from './inside/output.ts'
import { messageSender, receiveMessages } from './message-pipe.ts'
import { FLUSH_MS, MESSAGES_FD } from './process-pipes.ts'

// the entry module of a connector's process: its argument is the memory in MiB that the process may take
new Worker(new URL('./process-guard.ts', import.meta.url), {
  name: 'guard',
  workerData: Number(process.argv[2]),
  resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
}).unref()

// a terminal and an init system send these to all processes; the worker ends this one when its tasks have finished
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

lendSdk()
protectProcess()
const pipe = new Socket({ fd: MESSAGES_FD, readable: true, writable: true })
const send = messageSender(pipe)
const inside = openInside({ send, kafka: () => import('@isthmus/kafka') })
const receive = factsAgain(inside.receive)
receiveMessages(
  pipe,
  (message) => receive(message as Crossing),
  (error) => {
    throw error
  },
)
pipe.on('close', () => process.exit())
captureOutput(inside.log)
process.on('uncaughtException', (error) => {
  send({ type: 'thrown', error: plainError(publicThrown(error)) }, () => process.exit(1))
})
// the first message of all: from now on it takes instances
send('started')
setTimeout(flushCompileCache, FLUSH_MS).unref()
