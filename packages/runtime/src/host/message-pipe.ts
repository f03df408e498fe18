import type { Readable, Writable } from 'node:stream'
import { deserialize, serialize } from 'node:v8'
import { ConnectError } from '@isthmus/sdk'

/** Messages over a pipe between two processes of the same Node.js: each is its length and what structured cloning would keep of it. */

/** More than any message is; a length beyond it is no length. */
export const MESSAGE_MAX = 128 * 2 ** 20
const HEAD = 4

/** `sent` is called when the message has left this process. Throws for what cannot be cloned. */
export type SendMessage = (message: unknown, sent?: () => void) => void

export function messageSender(pipe: Writable): SendMessage {
  // the end of the other process is told by other means
  pipe.on('error', () => {})
  return (message, sent) => {
    const body = serialize(message)
    if (body.length > MESSAGE_MAX)
      throw new ConnectError('connect', `A message of ${body.length} bytes is too large for the worker`)
    const head = Buffer.allocUnsafe(HEAD)
    head.writeUInt32LE(body.length)
    pipe.cork()
    pipe.write(head)
    pipe.write(body, () => sent?.())
    pipe.uncork()
  }
}

/** `broken` is called once, with what came when it was no message; nothing is received after it. */
export function receiveMessages(
  pipe: Readable,
  receive: (message: unknown) => void,
  broken: (error: Error) => void,
): void {
  let parts: Buffer[] = []
  let held = 0
  /** What has to be there before there is anything to do. */
  let wanted = HEAD
  let sound = true

  const take = (): void => {
    while (sound && held >= wanted) {
      const all = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, held)
      const length = all.readUInt32LE(0)
      if (length > MESSAGE_MAX) throw new ConnectError('connect', `a message of ${length} bytes`)
      wanted = HEAD + length
      parts = [all]
      if (held < wanted) return
      const message: unknown = deserialize(all.subarray(HEAD, wanted))
      parts = [all.subarray(wanted)]
      held -= wanted
      wanted = HEAD
      receive(message)
    }
  }
  pipe.on('data', (bytes: Buffer) => {
    if (!sound) return
    parts.push(bytes)
    held += bytes.length
    try {
      take()
    } catch (error) {
      sound = false
      broken(error as Error)
    }
  })
  pipe.on('error', () => {})
}
