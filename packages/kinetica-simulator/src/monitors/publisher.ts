import { connect } from 'node:net'
import { XPublisher } from 'zeromq'

/** Where the messages of table monitors are published. */
export interface Publisher extends AsyncDisposable {
  readonly port: number
  /** Publishes one message; resolves when it has been handed over, to be sent to whoever subscribes to its topic. */
  readonly publish: (topic: string, frames: readonly Uint8Array[]) => Promise<void>
}

/**
 * Publishes on a port of the loopback interface; 0 takes a free one. `subscribed` is called with the topic of each subscription that
 * arrives. Nothing is dropped however slowly a subscriber reads: what is lost in a test, the test has lost.
 */
export async function openPublisher(port: number, subscribed: (topic: string) => void): Promise<Publisher> {
  const socket = new XPublisher({ linger: 0, sendHighWaterMark: 0 })
  socket.verbosity = 'allSubs'
  try {
    await socket.bind(`tcp://127.0.0.1:${port === 0 ? '*' : port}`)
  } catch (error) {
    socket.close()
    throw new Error(`Port ${port} cannot be had for table monitors: ${(error as Error).message}`)
  }
  const endpoint = socket.lastEndpoint ?? ''
  const bound = Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))
  let last = Promise.resolve()
  const listening = listen(socket, subscribed)

  return {
    port: bound,
    // one message at a time: the socket refuses a second one while it is at work
    publish(topic, frames) {
      last = last.then(() => socket.send([topic, ...frames]))
      return last
    },
    async [Symbol.asyncDispose]() {
      await last.catch(() => {})
      // no `unbind` before: now and then libzmq fails an assertion when it is followed by the end, and takes the process with it
      socket.close()
      await listening
      await released(bound)
    },
  }
}

/** Reads what subscribers send, until the socket is closed: a byte that says whether they come or go, and the topic. */
async function listen(socket: XPublisher, subscribed: (topic: string) => void): Promise<void> {
  for await (const [message] of socket) {
    if (message?.[0] === 1) subscribed(message.subarray(1).toString())
  }
}

/** How long libzmq may take to give up a port, in milliseconds. */
const RELEASE_MS = 10_000

/** Resolves when nobody listens on a port any more: libzmq gives it up some time after its socket is closed. */
async function released(port: number): Promise<void> {
  const late = performance.now() + RELEASE_MS
  while (performance.now() < late) {
    const socket = connect(port, '127.0.0.1')
    const { promise, resolve } = Promise.withResolvers<boolean>()
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true))
    const refused = await promise
    socket.destroy()
    if (refused) return
  }
  throw new Error(`Port ${port} of table monitors has been closed, and is still taken`)
}
