import { ConnectError, codeOf, type ErrorCode } from '@isthmus/sdk'
import { messageOf, ownClassOf } from './trace.ts'

/** An error as it crosses a thread. */
export interface PlainError {
  readonly message: string
  readonly code?: string
  /** Of errors without a code: the class they call themselves, if it says anything. */
  readonly name?: string
  readonly kafka?: string
  readonly retriable?: boolean
  readonly stack?: string
  readonly cause?: PlainError
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
