import type { Readable } from 'node:stream'
import type { ObjectAnswer } from './client.ts'
import { SILENCE_MS, silenceError } from './time-limit.ts'

/**
 * The bytes of an answer, from `from` on. Silence counts only while something is waited for: who takes what is here slowly may do so.
 * `lost` makes the error for a connection that ended before the object did.
 */
export async function* readBody(
  { size, body }: ObjectAnswer,
  from: number,
  ended: AbortSignal,
  lost: (error: unknown, at: number) => Error,
): AsyncGenerator<Uint8Array> {
  if (body === null) return
  let at = from
  let waiting = true
  const silence = setTimeout(() => {
    if (waiting) body.destroy(silenceError(SILENCE_MS))
  }, SILENCE_MS)
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
