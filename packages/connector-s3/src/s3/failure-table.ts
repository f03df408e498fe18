import type { StoreConfig } from '../config/store.ts'

/** A property that can be the reason of a failure. */
export type StoreField = Exclude<keyof StoreConfig, 'raw' | 'prefix'>

/** What is known about a kind of failure. */
export interface FailureKind {
  /** The property to look at; null where none is to blame. */
  readonly field: StoreField | null
  /** Whether the same request may succeed later, with nothing changed here. */
  readonly retriable: boolean
  readonly advice: string
}

const wrong = (field: StoreField | null, advice: string): FailureKind => ({ field, retriable: false, advice })
const passing = (advice: string, field: StoreField | null = null): FailureKind => ({
  field,
  retriable: true,
  advice,
})

const unknownKey = wrong(
  'aws.accessKeyId',
  'Set aws.accessKeyId and aws.secretKey to an access key that exists and is active.',
)
const outdated = wrong(
  'aws.accessKeyId',
  'Renew the temporary credentials and restart the connector, or set an access key that does not expire.',
)
const busy = passing('The service asks for patience.')
const broken = passing('The service has a problem of its own.')
const full = passing('Make room at the server.')
const lost = passing('')
const clock = passing('Set the clock of this machine.')

/** By the code that S3 or STS gives; servers that speak their protocol have some of their own. */
export const serviceFailures: { readonly [code: string]: FailureKind } = {
  InvalidAccessKeyId: unknownKey,
  // versitygw
  XAdminUserNotFound: unknownKey,
  // STS
  InvalidClientTokenId: unknownKey,
  UnrecognizedClientException: unknownKey,
  InvalidToken: outdated,
  ExpiredToken: outdated,
  ExpiredTokenException: outdated,
  TokenRefreshRequired: outdated,
  SignatureDoesNotMatch: wrong(
    'aws.secretKey',
    'Set aws.secretKey to the secret that belongs to aws.accessKeyId.',
  ),
  NoSuchBucket: wrong('aws.s3.bucket', 'Create the bucket, or set aws.s3.bucket to one that exists.'),
  InvalidBucketName: wrong('aws.s3.bucket', 'Set aws.s3.bucket to the name of a bucket.'),
  AllAccessDisabled: wrong('aws.s3.bucket', 'Set aws.s3.bucket to a bucket that may be used.'),
  RegionDisabledException: wrong('aws.region', 'Set aws.region to a region that is enabled for the account.'),
  MethodNotAllowed: wrong('s3.endpoint', 'Check that s3.endpoint is the URL of an S3 server.'),
  NotImplemented: wrong('s3.endpoint', 'Use a server that has this request of S3.'),
  // ours
  UnexpectedAnswer: wrong('s3.endpoint', 'Check that s3.endpoint is the URL of an S3 server.'),
  InvalidObjectState: wrong(null, 'Restore the object from its archive first.'),
  EntityTooLarge: wrong(null, 'Raise the limit of the server for the size of an object.'),
  SlowDown: busy,
  Throttling: busy,
  ThrottlingException: busy,
  RequestLimitExceeded: busy,
  TooManyRequests: busy,
  BandwidthLimitExceeded: busy,
  ServiceUnavailable: busy,
  // versitygw, and MinIO
  InsufficientStorage: full,
  XMinioStorageFull: full,
  InternalError: broken,
  InternalFailure: broken,
  OperationAborted: lost,
  ConditionalRequestConflict: lost,
  RequestTimeout: lost,
  RequestTimeoutException: lost,
  IncompleteBody: lost,
  BadDigest: lost,
  XAmzContentSHA256Mismatch: lost,
  RequestTimeTooSkewed: clock,
  RequestExpired: clock,
}

/** The codes that mean that the bucket is in another region. */
export const regionCodes: ReadonlySet<string> = new Set([
  'IllegalLocationConstraintException',
  'AuthorizationHeaderMalformed',
  'PermanentRedirect',
  'Redirect',
  'TemporaryRedirect',
  'InvalidRegion',
])

/** By the code of Node.js. */
const socketFailures: { readonly [code: string]: string } = {
  ECONNREFUSED: 'Nothing listens there: check the address, and that the server runs.',
  ECONNRESET: 'The connection was lost.',
  EPIPE: 'The connection was lost.',
  ETIMEDOUT: 'There was no answer in time.',
  TimeoutError: 'There was no answer in time.',
  ENOTFOUND: 'There is no host of that name.',
  EAI_AGAIN: 'The name of the host could not be looked up.',
  ENETUNREACH: 'There is no route to the host.',
  EHOSTUNREACH: 'There is no route to the host.',
  EADDRNOTAVAIL: 'No connection can be opened from here.',
  EMFILE: 'This process has too many files open.',
  ERR_SOCKET_CLOSED: 'The connection was lost.',
  ERR_STREAM_PREMATURE_CLOSE: 'The connection was lost.',
}

const tls =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)/

/** What a failure of the connection means; null for a code that is none. */
export function connectionFailure(
  code: string,
  at: { readonly endpoint: boolean; readonly pathStyle: boolean },
): FailureKind | null {
  const place: StoreField = at.endpoint ? 's3.endpoint' : 'aws.region'
  if (tls.test(code))
    return wrong(
      place,
      'The certificate is not trusted: name the file of its authority in NODE_EXTRA_CA_CERTS of the worker.',
    )
  if (code === 'EPROTO' || code.startsWith('HPE_'))
    return wrong(place, 'The server does not speak this protocol: check http:// and https://, and the port.')
  const advice = socketFailures[code]
  if (advice === undefined) return null
  if (code !== 'ENOTFOUND') return passing(advice, at.endpoint ? 's3.endpoint' : null)
  return passing(
    at.endpoint && !at.pathStyle
      ? `${advice} Check s3.endpoint; set s3.enablePathStyle=true where the server has no host names for buckets.`
      : `${advice} Check ${place}.`,
    place,
  )
}
