import type { ErrorName } from '@isthmus/protocol'
import { BatchError, errorIds, errorOf, MalformedError } from '@isthmus/protocol'

/** Which record of a batch is to blame, and why (KIP-467). */
export interface RecordError {
  readonly batchIndex: number
  readonly batchIndexErrorMessage: string
}

/** What a request, or one item of it, is refused with. Handlers turn it into the error code and message of the response. */
export class RequestError extends Error {
  override name = 'RequestError'
  readonly errorCode: number
  readonly recordErrors: readonly RecordError[]

  constructor(error: ErrorName, message?: string, recordErrors: readonly RecordError[] = []) {
    super(message ?? errorOf(errorIds[error]).message)
    this.errorCode = errorIds[error]
    this.recordErrors = recordErrors
  }

  /** For a code that came from another part of the broker. */
  static ofCode(errorCode: number, message?: string): RequestError {
    return new RequestError(errorOf(errorCode).name as ErrorName, message)
  }
}

export function errorCodeOf(error: unknown): number {
  if (error instanceof RequestError) return error.errorCode
  if (error instanceof BatchError) return errorIds[error.kafka]
  if (error instanceof MalformedError) return errorIds.CORRUPT_MESSAGE
  // of a file
  if (error instanceof Error && 'syscall' in error) return errorIds.KAFKA_STORAGE_ERROR
  return errorIds.UNKNOWN_SERVER_ERROR
}
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
