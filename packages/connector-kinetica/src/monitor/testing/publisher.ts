import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { command, GREETING, openZmtpReader, type ZmtpEvent } from '../zmtp.ts'

/** What a test makes of one connection: it answers each event of the subscriber, and writes as it likes. */
export type Conversation = (event: ZmtpEvent, socket: Socket) => void

export interface RawPublisher extends AsyncDisposable {
  readonly port: number
  readonly sockets: readonly Socket[]
}

/** A server that greets with `greeting` and leaves the rest to the test: for what no honest publisher says. */
export async function openRawPublisher(
  converse: Conversation,
  greeting: Buffer = GREETING,
): Promise<RawPublisher> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    const reader = openZmtpReader(1024)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      for (const event of reader.feed(bytes as Buffer)) converse(event, socket)
    })
    socket.write(greeting)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export const greetingOf = (minor: number, mechanism = 'NULL', major = 3): Buffer => {
  const greeting = Buffer.from(GREETING)
  greeting[10] = major
  greeting[11] = minor
  greeting.fill(0, 12, 32)
  greeting.write(mechanism, 12, 'latin1')
  return greeting
}

/** The READY of a socket of a type. */
export function readyOf(type: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return command('READY', Buffer.concat([Buffer.from('\x0bSocket-Type'), length, Buffer.from(type)]))
}

/** A message as its frames; those of 256 bytes and more, and all if `long`, with a length of eight bytes. */
export function message(parts: readonly (Buffer | string)[], long = false): Buffer {
  const frames = parts.map((part, index) => {
    const body = Buffer.from(part as string)
    const more = index < parts.length - 1 ? 1 : 0
    if (body.length < 256 && !long) return Buffer.concat([Buffer.from([more, body.length]), body])
    const header = Buffer.alloc(9)
    header[0] = more | 2
    header.writeBigUInt64BE(BigInt(body.length), 1)
    return Buffer.concat([header, body])
  })
  return Buffer.concat(frames)
}

/** An honest publisher: takes the subscription, answers PING, and sends `messages` once it is subscribed to. */
export const publishing =
  (messages: readonly Buffer[]): Conversation =>
  (event, socket) => {
    if (event.kind === 'greeting') socket.write(readyOf('PUB'))
    const subscribes =
      (event.kind === 'command' && event.name === 'SUBSCRIBE') ||
      (event.kind === 'frame' && event.body[0] === 1)
    if (event.kind === 'command' && event.name === 'PING')
      socket.write(command('PONG', event.body.subarray(2)))
    if (subscribes) for (const one of messages) socket.write(one)
  }
