import type { Readable } from 'node:stream'
import type { ObjectAnswer } from './client.ts'
import { silenceError } from './time-limit.ts'

export interface Reading {
  /** Where in the object the body begins. */
  readonly from: number
  readonly silenceMs: number
  readonly ended: AbortSignal
  /** Makes the error for a connection that ended at a byte, before the object did. */
  readonly lost: (error: unknown, at: number) => Error
}

/** The bytes of an answer. Silence counts only while something is waited for: who takes slowly what is here may do so. */
export async function* readBody(
  { size, body }: ObjectAnswer,
  { from, silenceMs, ended, lost }: Reading,
): AsyncGenerator<Uint8Array> {
  if (body === null) return
  let at = from
  let waiting = true
  const silence = setTimeout(() => {
    if (waiting) body.destroy(silenceError(silenceMs))
  }, silenceMs)
  const end = (): void => void body.destroy()
  ended.addEventListener('abort', end, { once: true })
  try {
    ended.throwIfAborted()
    for await (const chunk of body as Readable & AsyncIterable<Uint8Array>) {
      waiting = false
      at += chunk.length
      yield chunk
      waiting = true
      silence.refresh()
    }
  } catch (error) {
    ended.throwIfAborted()
    throw lost(error, at)
  } finally {
    clearTimeout(silence)
    ended.removeEventListener('abort', end)
    body.destroy()
  }
  ended.throwIfAborted()
  if (at !== size) throw lost(new Error('the connection ended early'), at)
}
