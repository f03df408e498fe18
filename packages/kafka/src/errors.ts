import { type ErrorName, errorOf } from '@isthmus/protocol'

/** What the client itself finds wrong, beside the protocol's own codes. */
export type ClientFault =
  | 'DISCONNECTED'
  | 'TIMED_OUT'
  | 'CLOSED'
  | 'MALFORMED'
  | 'AUTHENTICATION_FAILED'
  | 'CONFIG'
  | 'ABORTED'

/** Every failure of this client. `kafka` is the protocol's name of the error, or the client's own. */
export class KafkaError extends Error {
  override name = 'KafkaError'
  readonly code = 'kafka'
  readonly kafka: ErrorName | ClientFault
  /** By the protocol's own table: the same request may succeed later. */
  readonly retriable: boolean

  constructor(
    kafka: ErrorName | ClientFault,
    message: string,
    options?: { cause?: unknown; retriable?: boolean },
  ) {
    super(message, options)
    this.kafka = kafka
    this.retriable = options?.retriable ?? (kafka === 'DISCONNECTED' || kafka === 'TIMED_OUT')
  }
}

/** The error of a response's code: what was tried, then the protocol's text. */
export function kafkaError(id: number, doing: string, detail?: string | null): KafkaError {
  const error = errorOf(id)
  return new KafkaError(error.name as ErrorName, `${doing}: ${detail || error.message} (${error.name})`, {
    retriable: error.remedy !== 'fatal',
  })
}
