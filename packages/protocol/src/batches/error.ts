import { MalformedError } from '../codec/bytes.ts'
import type { ErrorName } from '../errors.ts'

/** A batch that cannot be taken, with the protocol's name for the reason. */
export class BatchError extends MalformedError {
  override name = 'BatchError'
  readonly kafka: ErrorName

  constructor(kafka: ErrorName, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kafka = kafka
  }
}

/** Decompressing stopped at `limit` bytes, or the data claims more. */
export function tooLarge(codec: string, limit: number): BatchError {
  return new BatchError(
    'MESSAGE_TOO_LARGE',
    `Records compressed by ${codec} would take more than ${limit} bytes decompressed`,
  )
}
export function corrupt(codec: string, why: string, cause?: unknown): BatchError {
  return new BatchError('CORRUPT_MESSAGE', `Records compressed by ${codec} cannot be decompressed: ${why}`, {
    cause,
  })
}
