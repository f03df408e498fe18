import { ConnectError } from '@isthmus/sdk'
import { openZmtpReader, ping, pong, READY, readMetadata, subscription, type ZmtpEvent } from './zmtp.ts'

export interface SessionStep {
  /** What is to be written, in order. */
  readonly answers: readonly Buffer[]
  /** The frames behind the topic's of the messages of the topic. */
  readonly frames: readonly Buffer[]
}

/** A subscriber's side of a conversation with a publisher, without the socket. */
export interface Session {
  /** Takes what the publisher has sent; throws when it is none, or says what it must not. */
  feed(bytes: Buffer): SessionStep
  /** Of the publisher's version 3; 0 before its greeting. */
  readonly minor: number
  /** Whether the publisher is known to have read the subscription: it answers what came behind it. Before 3.1 it has no way to say so. */
  readonly subscribed: boolean
}

export function openSession(topic: string, maxFrameBytes: number): Session {
  const reader = openZmtpReader(maxFrameBytes)
  const topicBytes = Buffer.from(topic)
  let minor = 0
  let ready = false
  let subscribed = false
  /** Whether the next frame is the first of its message; whether its message is of the topic. */
  let first = true
  let ours = false

  const command = (name: string, body: Buffer): readonly Buffer[] => {
    if (name === 'ERROR') throw refused(`it says ${JSON.stringify(body.toString('utf8', 1))}`)
    if (!ready) {
      if (name !== 'READY') throw refused(`its first command is ${JSON.stringify(name)}`)
      const kind = readMetadata(body).get('socket-type')
      if (kind !== 'PUB' && kind !== 'XPUB')
        throw refused(`its socket is of the type ${JSON.stringify(kind)}`)
      ready = true
      subscribed = minor === 0
      return minor === 0 ? [subscription(topic, minor)] : [subscription(topic, minor), ping('subscribed')]
    }
    if (name === 'PING') return [pong(body)]
    if (name === 'PONG') subscribed = true
    return []
  }

  const frame = (body: Buffer, more: boolean): Buffer | null => {
    if (!ready) throw refused('a message comes before its READY')
    const row = !first && ours ? body : null
    if (first) ours = topicBytes.equals(body)
    first = !more
    return row
  }

  const take = (event: ZmtpEvent, answers: Buffer[], frames: Buffer[]): void => {
    if (event.kind === 'greeting') {
      minor = event.minor
      answers.push(READY)
    } else if (event.kind === 'command') answers.push(...command(event.name, event.body))
    else {
      const row = frame(event.body, event.more)
      if (row !== null) frames.push(row)
    }
  }

  return {
    feed(bytes) {
      const answers: Buffer[] = []
      const frames: Buffer[] = []
      for (const event of reader.feed(bytes)) take(event, answers, frames)
      return { answers, frames }
    },
    get minor() {
      return minor
    },
    get subscribed() {
      return subscribed
    },
  }
}

const refused = (what: string): ConnectError => new ConnectError('connect', what)
