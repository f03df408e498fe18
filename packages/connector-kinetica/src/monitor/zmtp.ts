// The wire of ZeroMQ, ZMTP 3.0 and 3.1, as far as a subscriber without a security mechanism needs it (https://rfc.zeromq.org/spec/37).

import { ConnectError } from '@isthmus/sdk'

const MORE = 1
const LONG = 2
const COMMAND = 4
const GREETING_BYTES = 64
/** Of commands, which a peer could otherwise make as large as rows. */
const MAX_COMMAND_BYTES = 64 * 1024

export type ZmtpEvent =
  /** The peer's greeting, which was fit; `minor`: of its version 3. */
  | { readonly kind: 'greeting'; readonly minor: number }
  | { readonly kind: 'command'; readonly name: string; readonly body: Buffer }
  /** A frame of a message; `more`: another one of the same message follows. */
  | { readonly kind: 'frame'; readonly body: Buffer; readonly more: boolean }

export interface ZmtpReader {
  /** What the bytes complete, in order; throws when they are not what a peer may send. Bodies may be views of what was fed. */
  feed(bytes: Buffer): readonly ZmtpEvent[]
}

interface Header {
  readonly flags: number
  /** Of the header itself. */
  readonly length: number
  readonly body: number
}

/** Cuts what a peer sends into its greeting, commands and frames; holds at most one frame of `maxFrameBytes`. */
export function openZmtpReader(maxFrameBytes: number): ZmtpReader {
  let held: Buffer[] = []
  let heldBytes = 0
  /** So many bytes complete what comes next, as far as is known. */
  let needed = GREETING_BYTES
  let greeted = false

  const next = (bytes: Buffer): { readonly event: ZmtpEvent; readonly rest: Buffer } | null => {
    if (!greeted) {
      checkSignature(bytes)
      if (bytes.length < GREETING_BYTES) return null
      greeted = true
      return { event: greetingOf(bytes), rest: bytes.subarray(GREETING_BYTES) }
    }
    const header = headerOf(bytes)
    needed = header === null ? bytes.length + 1 : header.length + header.body
    if (header !== null) checkSize(header, maxFrameBytes)
    if (header === null || bytes.length < needed) return null
    const body = bytes.subarray(header.length, needed)
    return { event: eventOf(header.flags, body), rest: bytes.subarray(needed) }
  }

  return {
    feed(bytes) {
      held.push(bytes)
      heldBytes += bytes.length
      // a large frame comes in many pieces: they are put together once
      if (greeted && heldBytes < needed) return []
      let rest = held.length === 1 ? bytes : Buffer.concat(held, heldBytes)
      const events: ZmtpEvent[] = []
      for (let read = next(rest); read !== null; read = rest.length === 0 ? null : next(rest)) {
        events.push(read.event)
        rest = read.rest
      }
      held = rest.length === 0 ? [] : [rest]
      heldBytes = rest.length
      if (heldBytes === 0) needed = 0
      return events
    },
  }
}

function headerOf(bytes: Buffer): Header | null {
  const flags = bytes[0]
  if (flags === undefined) return null
  if ((flags & ~(MORE | LONG | COMMAND)) !== 0 || (flags & (MORE | COMMAND)) === (MORE | COMMAND))
    throw broken(`a frame has the flags ${flags}`)
  if ((flags & LONG) === 0) {
    const body = bytes[1]
    return body === undefined ? null : { flags, length: 2, body }
  }
  if (bytes.length < 9) return null
  return { flags, length: 9, body: bytes.readUInt32BE(1) * 2 ** 32 + bytes.readUInt32BE(5) }
}

function checkSize({ flags, body }: Header, maxFrameBytes: number): void {
  const [what, limit] =
    (flags & COMMAND) === 0
      ? ['frame', maxFrameBytes]
      : ['command', Math.min(MAX_COMMAND_BYTES, maxFrameBytes)]
  if (body > limit) throw broken(`a ${what} has ${body} bytes, and ${limit} are the most that is taken`)
}

function eventOf(flags: number, body: Buffer): ZmtpEvent {
  if ((flags & COMMAND) === 0) return { kind: 'frame', body, more: (flags & MORE) !== 0 }
  const length = body[0] ?? 0
  if (length === 0 || body.length < 1 + length) throw broken('a command has no name')
  return { kind: 'command', name: body.toString('latin1', 1, 1 + length), body: body.subarray(1 + length) }
}

/** The first bytes tell a peer of another protocol at once, which may never send as many as a greeting has. */
function checkSignature(bytes: Buffer): void {
  const isZmtp = bytes[0] === 0xff && (bytes.length < 10 || (bytes[9] ?? 0) === 0x7f)
  if (!isZmtp) throw broken('what answers is no publisher of ZeroMQ')
  const major = bytes[10]
  if (major !== undefined && major < 3) throw broken('the publisher speaks ZMTP 2, and 3 is needed')
}

function greetingOf(bytes: Buffer): ZmtpEvent {
  const mechanism = bytes.toString('latin1', 12, 32).replace(/\0.*$/s, '')
  if (mechanism !== 'NULL')
    throw broken(
      `the publisher wants the security mechanism ${JSON.stringify(mechanism)}; only NULL is known`,
    )
  // a later major version speaks 3.1 with a peer that does
  return { kind: 'greeting', minor: bytes[10] === 3 ? (bytes[11] ?? 0) : 1 }
}

const broken = (what: string): ConnectError =>
  new ConnectError('connect', `The connection is given up: ${what}`)

export const GREETING: Buffer = Buffer.alloc(GREETING_BYTES)
GREETING.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1])
GREETING.write('NULL', 12, 'latin1')

/** A command as a frame; `body` is at most as long as a topic. */
export function command(name: string, body: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'latin1'), body])
  return Buffer.concat([frameHeader(COMMAND, content.length), content])
}

export const READY: Buffer = command('READY', metadata({ 'Socket-Type': 'SUB', Identity: '' }))

/** Asks for the messages whose first frame begins with `topic`: a command since 3.1, a message before. */
export function subscription(topic: string, minor: number): Buffer {
  if (minor >= 1) return command('SUBSCRIBE', Buffer.from(topic))
  const content = Buffer.concat([Buffer.from([1]), Buffer.from(topic)])
  return Buffer.concat([frameHeader(0, content.length), content])
}

/** What is asked to be said back; without a time after which the peer would give us up. */
export const ping = (context: string): Buffer =>
  command('PING', Buffer.concat([Buffer.alloc(2), Buffer.from(context, 'latin1')]))

/** The answer to the body of a PING. */
export const pong = (body: Buffer): Buffer => command('PONG', body.subarray(2))

/** The properties that a READY names, by their names in lower case. */
export function readMetadata(body: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let at = 0; at < body.length; ) {
    const name = body.toString('latin1', at + 1, at + 1 + (body[at] ?? 0))
    const value = at + 1 + name.length
    const length = value + 4 <= body.length ? body.readUInt32BE(value) : Number.POSITIVE_INFINITY
    if (value + 4 + length > body.length) throw broken('the properties of its READY are cut off')
    found.set(name.toLowerCase(), body.toString('latin1', value + 4, value + 4 + length))
    at = value + 4 + length
  }
  return found
}

function metadata(properties: { readonly [name: string]: string }): Buffer {
  const parts = Object.entries(properties).map(([name, value]) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(value.length)
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)])
  })
  return Buffer.concat(parts)
}

function frameHeader(flags: number, length: number): Buffer {
  if (length < 256) return Buffer.from([flags, length])
  const header = Buffer.alloc(9)
  header[0] = flags | LONG
  header.writeBigUInt64BE(BigInt(length), 1)
  return header
}
