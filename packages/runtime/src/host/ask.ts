import { ConnectError, codeOf, type ErrorCode } from '@isthmus/sdk'
import { messageOf, ownClassOf } from '../text/trace.ts'
import type { PlainError } from './messages.ts'

type Table = { readonly [what: string]: { ask: unknown; answer: unknown } }
export type Ask<T> = <N extends keyof T & string>(
  what: N,
  ask: T[N] extends { ask: infer Q } ? Q : never,
) => Promise<T[N] extends { answer: infer A } ? A : never>

interface Asked {
  readonly type: 'ask'
  readonly id: number
  readonly what: string
  readonly ask: unknown
}
interface Answered {
  readonly type: 'answer'
  readonly id: number
  readonly answer?: unknown
  readonly error?: PlainError
}

/** One side of a conversation over messages: questions out, answers matched to them. */
export interface Conversation<T> {
  readonly ask: Ask<T>
  answered(message: Answered): void
  /** Rejects what is still unanswered, and every later question. */
  close(error: Error): void
}

export function openConversation<T extends { [N in keyof T]: Table[string] }>(
  send: (message: Asked) => void,
): Conversation<T> {
  const open = new Map<number, PromiseWithResolvers<never>>()
  let closed: Error | null = null
  let last = 0
  return {
    ask(what, ask) {
      if (closed !== null) return Promise.reject(closed)
      const id = ++last
      const answer = Promise.withResolvers<never>()
      open.set(id, answer)
      send({ type: 'ask', id, what, ask })
      return answer.promise
    },
    answered({ id, answer, error }) {
      const waiting = open.get(id)
      open.delete(id)
      if (error === undefined) waiting?.resolve(answer as never)
      else waiting?.reject(revive(error))
    },
    close(error) {
      closed ??= error
      for (const waiting of open.values()) waiting.reject(closed)
      open.clear()
    },
  }
}

/** Runs what was asked and sends the answer, or what went wrong. */
export async function reply(
  id: number,
  run: () => Promise<unknown>,
  send: (message: Answered) => void,
): Promise<void> {
  let message: Answered
  try {
    message = { type: 'answer', id, answer: (await run()) ?? null }
  } catch (error) {
    message = { type: 'answer', id, error: plainError(error) }
  }
  send(message)
}

export function plainError(error: unknown, depth = 0): PlainError {
  const { stack, cause, kafka, retriable } = (error ?? {}) as { [name: string]: unknown }
  const code = codeOf(error)
  const name = ownClassOf(error)
  return {
    message: messageOf(error),
    ...(code !== undefined && { code }),
    ...(name !== null && { name }),
    ...(typeof kafka === 'string' && { kafka }),
    ...(typeof retriable === 'boolean' && { retriable }),
    ...(typeof stack === 'string' && { stack }),
    ...(cause !== undefined && cause !== null && depth < 10 && { cause: plainError(cause, depth + 1) }),
  }
}

/** As a caller here would have thrown it: with its code, or with the class of its own. */
export function revive(plain: PlainError): Error {
  const options = plain.cause && { cause: revive(plain.cause) }
  const error =
    plain.name === undefined
      ? new ConnectError((plain.code ?? 'connect') as ErrorCode, plain.message, options)
      : Object.assign(new Error(plain.message, options), { name: plain.name })
  if (plain.stack !== undefined) error.stack = plain.stack
  return Object.assign(error, {
    ...(plain.kafka !== undefined && { kafka: plain.kafka }),
    ...(plain.retriable !== undefined && { retriable: plain.retriable }),
  })
}
