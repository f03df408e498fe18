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
  await socket.bind(`tcp://127.0.0.1:${port === 0 ? '*' : port}`)
  const endpoint = socket.lastEndpoint ?? ''
  let last = Promise.resolve()
  const listening = listen(socket, subscribed)

  return {
    port: Number(endpoint.slice(endpoint.lastIndexOf(':') + 1)),
    // one message at a time: the socket refuses a second one while it is at work
    publish(topic, frames) {
      last = last.then(() => socket.send([topic, ...frames.map((frame) => Buffer.from(frame))]))
      return last
    },
    async [Symbol.asyncDispose]() {
      await last.catch(() => {})
      await socket.unbind(endpoint)
      socket.close()
      await listening
    },
  }
}

/** Reads what subscribers send, until the socket is closed: a byte that says whether they come or go, and the topic. */
async function listen(socket: XPublisher, subscribed: (topic: string) => void): Promise<void> {
  try {
    for await (const [message] of socket) {
      if (message?.[0] === 1) subscribed(message.subarray(1).toString())
    }
  } catch (error) {
    // the port is being given up, and those who leave are still heard
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
  }
}
