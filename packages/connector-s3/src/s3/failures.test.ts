import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '@isthmus/sdk'
import { type Access, CredentialsFailure, failureOf, storeError } from './failures.ts'

const aws: Access = { bucket: 'b', endpoint: '', pathStyle: false, ownKeys: true, role: '' }
const elsewhere: Access = { ...aws, endpoint: 'https://s3.example', pathStyle: true }

/** As the SDK throws what a service has answered. */
const answered = (name: string, status: number, more: object = {}): Error =>
  Object.assign(new Error(`text of ${name}`), {
    name,
    $metadata: { httpStatusCode: status, requestId: 'R1' },
    ...more,
  })
const ofNode = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code })
const ofCredentials = (cause: Error): Error => new CredentialsFailure('', { cause })

const cases: readonly [
  what: string,
  error: unknown,
  access: Access,
  field: string | null,
  retriable: boolean,
][] = [
  ['an unknown key', answered('InvalidAccessKeyId', 403), aws, 'aws.accessKeyId', false],
  ['an unknown key at versitygw', answered('XAdminUserNotFound', 404), aws, 'aws.accessKeyId', false],
  [
    'an unknown key at STS',
    ofCredentials(answered('InvalidClientTokenId', 403)),
    aws,
    'aws.accessKeyId',
    false,
  ],
  ['a wrong secret', answered('SignatureDoesNotMatch', 403), aws, 'aws.secretKey', false],
  [
    'a wrong secret at STS',
    ofCredentials(answered('SignatureDoesNotMatch', 403)),
    aws,
    'aws.secretKey',
    false,
  ],
  ['no bucket', answered('NoSuchBucket', 404), aws, 'aws.s3.bucket', false],
  ['no name of a bucket', answered('InvalidBucketName', 400), aws, 'aws.s3.bucket', false],
  [
    'an ARN where none can be',
    new Error('Path-style addressing cannot be used with ARN buckets'),
    { ...elsewhere, bucket: 'arn:aws:s3:::b' },
    'aws.s3.bucket',
    false,
  ],
  ['another region', answered('IllegalLocationConstraintException', 400), aws, 'aws.region', false],
  ['a redirection without a name', answered('UnknownError', 307), aws, 'aws.region', false],
  ['no right, with keys', answered('AccessDenied', 403), aws, 'aws.accessKeyId', false],
  ['no right, without', answered('AccessDenied', 403), { ...aws, ownKeys: false }, 'aws.s3.bucket', false],
  ['no right, with a role', answered('AccessDenied', 403), { ...aws, role: 'r' }, 'aws.role.arn', false],
  [
    'a role that may not be assumed',
    ofCredentials(answered('AccessDenied', 403)),
    { ...aws, role: 'r' },
    'aws.role.arn',
    false,
  ],
  ['no ARN', ofCredentials(answered('ValidationError', 400)), { ...aws, role: 'r' }, 'aws.role.arn', false],
  [
    'STS with a problem',
    ofCredentials(answered('Whatever', 500)),
    { ...aws, role: 'r' },
    'aws.role.arn',
    true,
  ],
  ['STS away', ofCredentials(ofNode('ECONNREFUSED')), { ...elsewhere, role: 'r' }, null, true],
  ['a disk that is full', answered('InsufficientStorage', 507), elsewhere, null, true],
  ['patience', answered('SlowDown', 503), aws, null, true],
  ['an unknown code with 500', answered('Whatever', 500), aws, null, true],
  ['an unknown code with 400', answered('Whatever', 400), aws, null, false],
  ['an unknown code of another server', answered('Whatever', 400), elsewhere, 's3.endpoint', false],
  ['nobody listening', ofNode('ECONNREFUSED'), elsewhere, 's3.endpoint', true],
  ['a lost connection to AWS', ofNode('ECONNRESET'), aws, null, true],
  [
    'several addresses',
    new AggregateError([ofNode('ETIMEDOUT'), ofNode('ENETUNREACH')]),
    elsewhere,
    's3.endpoint',
    true,
  ],
  ['no such host of AWS', ofNode('ENOTFOUND'), aws, 'aws.region', true],
  ['no such host', ofNode('ENOTFOUND'), elsewhere, 's3.endpoint', true],
  ['a certificate', ofNode('DEPTH_ZERO_SELF_SIGNED_CERT'), elsewhere, 's3.endpoint', false],
  ['TLS where there is none', ofNode('EPROTO'), elsewhere, 's3.endpoint', false],
  ['a fault of the program', new TypeError('x is not a function'), aws, null, false],
  ['a thrown text', 'text', aws, null, false],
  ['nothing', undefined, aws, null, false],
]
for (const [what, error, access, field, retriable] of cases)
  test(`${what}: ${field ?? 'no property'}, ${retriable ? 'to be tried again' : 'final'}`, () => {
    const failure = failureOf(error, access)
    assert.deepEqual([failure.field, failure.retriable], [field, retriable])
    assert.ok(failure.reason.length > 0)
  })

test('a message says what failed, where, why, and what to do', () => {
  const asked = { operation: 'put', key: 'p/t/0/1-2' } as const
  // versitygw sends the id of a request twice
  const twice = { $metadata: { httpStatusCode: 404, requestId: 'R1, R1' } }
  const error = storeError(asked, elsewhere, failureOf(answered('NoSuchBucket', 404, twice), elsewhere))
  assert.equal(codeOf(error), 'connect')
  assert.equal(
    error.message,
    'Object p/t/0/1-2 could not be written to bucket b: NoSuchBucket: text of NoSuchBucket (HTTP 404 from https://s3.example, request R1). Create the bucket, or set aws.s3.bucket to one that exists. [aws.s3.bucket]',
  )
})

test('host names for buckets are spoken of where there may be none', () => {
  const { advice } = failureOf(ofNode('ENOTFOUND'), { ...elsewhere, pathStyle: false })
  assert.match(advice, /s3.enablePathStyle=true/)
})

test('the region that a server has told is in the advice', () => {
  assert.match(failureOf(answered('AuthorizationHeaderMalformed', 400), aws).advice, /have the bucket asked/)
  const told = { $response: { headers: { 'x-amz-bucket-region': 'eu-south-1' } } }
  for (const more of [told, { Region: 'eu-south-1' }])
    assert.match(
      failureOf(answered('PermanentRedirect', 301, more), aws).advice,
      /The bucket is in eu-south-1/,
    )
})

test('a long answer is one line, and cut', () => {
  const { reason } = failureOf(answered('Whatever', 400, { message: `<html>\n${'x'.repeat(5000)}` }), aws)
  assert.ok(reason.length < 600)
  assert.doesNotMatch(reason, /\n/)
})
