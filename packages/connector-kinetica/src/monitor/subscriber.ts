import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError, retriable } from '@isthmus/sdk'
import { openSession } from './session.ts'
import { GREETING, ping } from './zmtp.ts'

export interface SubscriberOptions {
  readonly host: string
  readonly port: number
  readonly topic: string
  /** Gives the opening up. */
  readonly signal: AbortSignal
  /** For the connection to be there and subscribed to. */
  readonly openingMs?: number
  /** A publisher that has sent nothing for so long is asked to answer, and given up when it has not after as long again. */
  readonly idleMs?: number
  /** What has come and was not received yet; the socket is not read beyond it. */
  readonly bufferBytes?: number
  readonly maxFrameBytes?: number
}

/** A subscription to one topic of a publisher over one connection, which is not made anew. */
export interface Subscriber extends AsyncDisposable {
  /**
   * The frames behind the topic's of the messages that have come, in order; waits for the first. When the connection has ended, first what
   * had come, then a `retriable` error. Empty only when `signal` aborts. Called by one at a time.
   */
  receive(signal: AbortSignal): Promise<readonly Buffer[]>
}

const OPENING_MS = 10_000
const IDLE_MS = 20_000
const KEEP_ALIVE_MS = 30_000
const BUFFER_BYTES = 16 * 1024 * 1024
const MAX_FRAME_BYTES = 64 * 1024 * 1024
/** libzmq's publisher has read a subscription before it answers what came behind it, and heeds it within a millisecond or so. */
const HEEDED_MS = 10
/** What a frame costs beside its bytes. */
const FRAME_COST = 128
/** Of answers that a publisher does not read. */
const MAX_UNREAD_BYTES = 64 * 1024

/**
 * Connects and subscribes. What is published after this has settled is received: a publisher of ZMTP 3.1 has then said that it has the
 * subscription; one of 3.0, which cannot say so, has been sent it. Rejects with a `retriable` error where nobody answers, with another where no publisher does.
 */
export async function openSubscriber(options: SubscriberOptions): Promise<Subscriber> {
  const { host, port, topic, openingMs = OPENING_MS, idleMs = IDLE_MS, bufferBytes = BUFFER_BYTES } = options
  options.signal.throwIfAborted()
  const session = openSession(topic, options.maxFrameBytes ?? MAX_FRAME_BYTES)
  const opened = Promise.withResolvers<void>()
  let frames: Buffer[] = []
  let buffered = 0
  let silentTurns = 0
  let failure: unknown = null
  let wake: () => void = () => {}

  const end = (error: unknown): void => {
    failure ??= error
    clearInterval(heart)
    socket.destroy()
    opened.reject(failure)
    wake()
  }
  const lost = (why: string, cause?: unknown): ConnectError =>
    retriable(`Lost the connection to the table monitors at ${host}:${port}: ${why}`, { cause })

  const take = (bytes: Buffer): void => {
    const step = session.feed(bytes)
    for (const answer of step.answers) socket.write(answer)
    if (socket.writableLength > MAX_UNREAD_BYTES)
      throw new ConnectError('connect', 'it does not read answers')
    for (const frame of step.frames) {
      frames.push(frame)
      buffered += frame.length + FRAME_COST
    }
    if (buffered > bufferBytes) socket.pause()
    if (session.subscribed) opened.resolve()
    if (frames.length > 0) wake()
  }

  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS })
  socket.write(GREETING)
  socket.on('error', (error) => end(lost(error.message, error)))
  socket.on('close', () => end(lost('it was closed')))
  socket.on('data', (bytes: Buffer) => {
    if (failure !== null) return
    silentTurns = 0
    try {
      take(bytes)
    } catch (error) {
      const { message } = error as Error
      end(
        session.subscribed
          ? lost(message, error)
          : new ConnectError('connect', `No table monitors can be had at ${host}:${port}: ${message}`, {
              cause: error,
            }),
      )
    }
  })

  // turns are counted and not time: where this thread was busy for long, what came meanwhile is read before the next turn
  const heart = setInterval(() => {
    // while nothing is read, silence says nothing of the publisher
    if (socket.isPaused() || session.minor === 0 || !session.subscribed) return
    silentTurns++
    if (silentTurns === 2) socket.write(ping('alive'))
    if (silentTurns === 4) end(lost(`nothing came for ${2 * idleMs} ms, no answer either`))
  }, idleMs / 2)

  const late = setTimeout(() => end(lost(`nobody has answered within ${openingMs} ms`)), openingMs)
  const abort = () => end(options.signal.reason)
  options.signal.addEventListener('abort', abort, { once: true })
  try {
    await opened.promise
    if (session.minor > 0) await delay(HEEDED_MS, undefined, { signal: options.signal })
  } catch (error) {
    end(error)
    throw error
  } finally {
    clearTimeout(late)
    options.signal.removeEventListener('abort', abort)
  }

  return {
    async receive(signal) {
      if (frames.length === 0 && failure === null && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = () => resolve()
        signal.addEventListener('abort', wake, { once: true })
        await promise
        signal.removeEventListener('abort', wake)
      }
      if (frames.length === 0 && failure !== null && !signal.aborted) throw failure
      const received = frames
      frames = []
      buffered = 0
      if (socket.isPaused()) {
        silentTurns = 0
        socket.resume()
      }
      return received
    },
    async [Symbol.asyncDispose]() {
      end(lost('it was disposed of'))
    },
  }
}
