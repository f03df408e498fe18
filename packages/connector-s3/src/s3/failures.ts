import { ConnectError } from '@isthmus/sdk'
import {
  connectionFailure,
  type FailureKind,
  regionCodes,
  type StoreField,
  serviceFailures,
} from './failure-table.ts'

/** How the bucket is reached, as far as the meaning of failures depends on it. */
export interface Access {
  readonly bucket: string
  /** `s3.endpoint`; '' for AWS. */
  readonly endpoint: string
  readonly pathStyle: boolean
  /** Whether an access key is configured. */
  readonly ownKeys: boolean
  /** `aws.role.arn`; '' for none. */
  readonly role: string
}

/** What was asked for, as messages have it: `Object a of bucket b could not be written`. */
export type Asked =
  | { readonly operation: 'put' | 'get'; readonly key: string }
  | { readonly operation: 'list' | 'folders'; readonly prefix: string }

export interface Failure extends FailureKind {
  /** Of the server or of Node.js, or the name of the error. */
  readonly code: string
  /** The code and the text that came with it, where it came from, and the id of the request. */
  readonly reason: string
  /** Whether it was the credentials that could not be had; the bucket was not asked then. */
  readonly ofCredentials: boolean
}

/** Thrown in place of what failed while credentials were looked for; that is the cause. */
export class CredentialsFailure extends Error {
  override name = 'CredentialsFailure'
}

/** What the SDK throws: of a service, with its metadata; of the connection, with a code. */
interface Thrown {
  readonly name?: string
  readonly message?: string
  readonly code?: unknown
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
  readonly $response?: { readonly headers?: { readonly [name: string]: string } }
  readonly Region?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
}

/** What has failed and why. Of the error only its code and text are used: the rest of it holds signed headers. */
export function failureOf(thrown: unknown, access: Access): Failure {
  if (thrown instanceof CredentialsFailure) return credentialsFailure(thrown.cause, access)
  const error = (thrown ?? {}) as Thrown
  const code = codeOf(error)
  const reason = reasonOf(error, code, access.endpoint === '' ? '' : ` from ${access.endpoint}`)
  return { code, reason, ofCredentials: false, ...(kindOf(error, code, access) ?? UNKNOWN) }
}

/** What the SDK throws of an ARN before anything is asked. */
const LOCAL: ReadonlySet<string> = new Set(['Error', 'EndpointError'])
const noArn: FailureKind = {
  field: 'aws.s3.bucket',
  retriable: false,
  advice: 'Set aws.s3.bucket to the name of a bucket; the ARN of an access point is for AWS alone.',
}

const UNKNOWN: FailureKind = { field: null, retriable: false, advice: '' }

function kindOf(error: Thrown, code: string, access: Access): FailureKind | null {
  const status = error.$metadata?.httpStatusCode
  const known = Object.hasOwn(serviceFailures, code) ? serviceFailures[code] : undefined
  if (regionCodes.has(code) || status === 301 || status === 307) return wrongRegion(error)
  if (known !== undefined) return known
  if (code === 'AccessDenied' || status === 401 || status === 403)
    return { field: whoseRights(access), retriable: false, advice: rightsAdvice(access) }
  if (status === undefined && access.bucket.startsWith('arn:') && LOCAL.has(code)) return noArn
  const connection = connectionFailure(code, {
    endpoint: access.endpoint !== '',
    pathStyle: access.pathStyle,
  })
  if (connection !== null) return connection
  if (status === undefined) return null
  if (status >= 500 || status === 429 || status === 408) return serviceFailures['InternalError'] ?? null
  if (saysNothing(error)) return serviceFailures['UnexpectedAnswer'] ?? null
  return { field: access.endpoint === '' ? null : 's3.endpoint', retriable: false, advice: '' }
}

/** Where the bucket is, if the server has told it; the SDK has what S3 says of it in two places. */
export const regionOf = (thrown: unknown): string | undefined => {
  const { $response, Region } = (thrown ?? {}) as Thrown
  return $response?.headers?.['x-amz-bucket-region'] ?? Region
}

function wrongRegion(error: Thrown): FailureKind {
  const region = regionOf(error)
  return {
    field: 'aws.region',
    retriable: false,
    advice:
      region === undefined
        ? 'Set aws.region to the region of the bucket, or leave it out to have the bucket asked.'
        : `The bucket is in ${region}: set aws.region to that, or leave it out.`,
  }
}

/** Who lacks the right: the role, else the owner of the key, else whoever this machine is to AWS. */
const whoseRights = ({ role, ownKeys }: Access): StoreField =>
  role !== '' ? 'aws.role.arn' : ownKeys ? 'aws.accessKeyId' : 'aws.s3.bucket'

const rightsAdvice = ({ role, ownKeys, bucket }: Access): string =>
  `Give ${role !== '' ? `the role ${role}` : ownKeys ? 'the owner of the access key' : 'the identity of the worker'} access to bucket ${bucket}: s3:PutObject for a backup; s3:ListBucket and s3:GetObject for a restore.`

function credentialsFailure(thrown: unknown, access: Access): Failure {
  const error = (thrown ?? {}) as Thrown
  const code = codeOf(error)
  const status = error.$metadata?.httpStatusCode
  const reason = reasonOf(error, code, access.role === '' ? '' : ' from STS')
  if (status === undefined && error.name === 'CredentialsProviderError')
    return {
      code,
      reason,
      ofCredentials: true,
      field: 'aws.accessKeyId',
      retriable: false,
      advice:
        'Set aws.accessKeyId and aws.secretKey, or give the worker credentials by its environment, a credentials file or the machine that it runs on.',
    }
  const known = Object.hasOwn(serviceFailures, code) ? serviceFailures[code] : undefined
  // STS is AWS's, whatever the endpoint of the bucket is
  const kind = known ?? connectionFailure(code, { endpoint: false, pathStyle: true })
  if (kind != null) return { code, reason, ofCredentials: true, ...kind }
  return {
    code,
    reason,
    ofCredentials: true,
    field: access.role === '' ? 'aws.accessKeyId' : 'aws.role.arn',
    retriable: status !== undefined && status >= 500,
    advice:
      access.role === ''
        ? 'Check where the worker has its credentials from.'
        : `Check that aws.role.arn is the ARN of a role, and that the credentials may assume it (sts:AssumeRole, and the trust policy of the role).`,
  }
}

/** An HTTP status without a code of the server has been given a name by the SDK that says nothing. */
function codeOf(error: Thrown): string {
  const { name = 'Error', code, cause, $metadata, errors } = error
  if ($metadata?.httpStatusCode !== undefined) return name
  if (typeof code === 'string') return code
  // several addresses of one host were tried
  const [first] = errors ?? []
  if (first !== undefined) return codeOf(first as Thrown)
  if (name === 'Error' && cause !== undefined && cause !== null) return codeOf(cause as Thrown)
  return name
}

function reasonOf(error: Thrown, code: string, from: string): string {
  const status = error.$metadata?.httpStatusCode
  const message = oneLine(error.message ?? '')
  const text = saysNothing(error)
    ? 'an answer that is not one of S3'
    : message === '' || message === code
      ? code
      : `${code}: ${message}`
  if (status === undefined) return `${text}${from === '' ? '' : ` (${from.trim()})`}`
  // a server may send it twice
  const id = error.$metadata?.requestId?.split(',')[0]
  return `${text} (HTTP ${status}${from}${id === undefined ? '' : `, request ${id}`})`
}

/** What the SDK has to say of an answer without a code, or in no form that it knows: a proxy's, or of a server of another kind. */
const saysNothing = ({ message = '', $metadata }: Thrown): boolean =>
  $metadata?.httpStatusCode !== undefined &&
  (message === 'UnknownError' || message.includes('Deserialization error'))

const LONGEST = 500
const oneLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}

/** What was not done, as a sentence without its end. */
export function askedText(asked: Asked, bucket: string): string {
  switch (asked.operation) {
    case 'put':
      return `Object ${asked.key} could not be written to bucket ${bucket}`
    case 'get':
      return `Object ${asked.key} of bucket ${bucket} could not be read`
    case 'list':
    case 'folders':
      return `Objects of bucket ${bucket} that begin with '${asked.prefix}' could not be listed`
  }
}

/** The error of an operation that is given up. `thrown` becomes its cause unless it holds an answer, and with it a signed request. */
export function storeError(asked: Asked, access: Access, failure: Failure, thrown?: unknown): ConnectError {
  const plain = thrown instanceof Error && !('$metadata' in thrown || thrown instanceof CredentialsFailure)
  const field = failure.field === null ? '' : ` [${failure.field}]`
  const advice = failure.advice === '' ? '' : ` ${failure.advice}`
  return new ConnectError(
    failure.retriable ? 'retriable' : 'connect',
    `${askedText(asked, access.bucket)}: ${failure.reason}.${advice}${field}`,
    plain ? { cause: thrown } : {},
  )
}
