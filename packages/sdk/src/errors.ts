/**
 * The policy for errors, whole: what each code is called in Java (traces and REST show that name), which REST status it gives,
 * and whether the operation may be tried again. Errors are told apart by `code`, never by `instanceof`: a plugin may
 * bring a second copy of this module.
 */
export const errorTable = {
  config: { java: 'org.apache.kafka.common.config.ConfigException', status: 400, retriable: false },
  data: { java: 'org.apache.kafka.connect.errors.DataException', status: 500, retriable: false },
  retriable: { java: 'org.apache.kafka.connect.errors.RetriableException', status: 500, retriable: true },
  'not-found': { java: 'org.apache.kafka.connect.errors.NotFoundException', status: 404, retriable: false },
  exists: { java: 'org.apache.kafka.connect.errors.AlreadyExistsException', status: 409, retriable: false },
  'bad-request': {
    java: 'org.apache.kafka.connect.runtime.rest.errors.BadRequestException',
    status: 400,
    retriable: false,
  },
  forbidden: {
    java: 'org.apache.kafka.connect.runtime.rest.errors.ConnectRestException',
    status: 403,
    retriable: false,
  },
  unavailable: {
    java: 'org.apache.kafka.connect.runtime.rest.errors.ConnectRestException',
    status: 503,
    retriable: true,
  },
  rebalance: {
    java: 'org.apache.kafka.connect.runtime.distributed.RebalanceNeededException',
    status: 409,
    retriable: true,
  },
  'not-leader': {
    java: 'org.apache.kafka.connect.runtime.distributed.NotLeaderException',
    status: 409,
    retriable: true,
  },
  plugin: { java: 'org.apache.kafka.connect.errors.ConnectException', status: 500, retriable: false },
  kafka: { java: 'org.apache.kafka.common.KafkaException', status: 500, retriable: false },
  timeout: { java: 'org.apache.kafka.common.errors.TimeoutException', status: 500, retriable: true },
  state: {
    java: 'org.apache.kafka.connect.errors.IllegalWorkerStateException',
    status: 500,
    retriable: false,
  },
  connect: { java: 'org.apache.kafka.connect.errors.ConnectException', status: 500, retriable: false },
  internal: { java: 'org.apache.kafka.connect.errors.ConnectException', status: 500, retriable: false },
} as const

/** See `errorTable`, and docs/reference/errors.md for what each does. */
export type ErrorCode = keyof typeof errorTable

/** An error with a code, which decides what becomes of it. `cause` is shown below it, so pass on what was caught. */
export class ConnectError extends Error {
  override name = 'ConnectError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** The code of anything thrown; `undefined` for errors that are not ours. */
export function codeOf(error: unknown): ErrorCode | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && Object.hasOwn(errorTable, code) ? (code as ErrorCode) : undefined
}

/**
 * Something is away and may be back. From `poll` and `put`: the worker tries the same call again after a while; from a converter or transform: within
 * `errors.retry.timeout`. Elsewhere it fails as any other error: there nothing is tried again.
 */
export const retriable = (message: string, options?: { cause?: unknown }): ConnectError =>
  new ConnectError('retriable', message, options)

/** A record is bad. From a converter or transform: `errors.tolerance` decides what becomes of it. From `put` it fails the task: a sink reports bad records by `errantRecords`. */
export const dataError = (message: string, options?: { cause?: unknown }): ConnectError =>
  new ConnectError('data', message, options)
