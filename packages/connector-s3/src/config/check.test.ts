import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import type { ConfigDef, Props } from '@isthmus/sdk'
import { validateAll } from '@isthmus/sdk/config'
import type { Use } from '../s3/probe.ts'
import { openFaultProxy } from '../testing/fault-proxy.ts'
import { s3ServerIsAbsent } from '../testing/server/fetch.ts'
import { openS3Server } from '../testing/server/server.ts'
import { backupConfig } from './backup.ts'
import { checkConfig } from './check.ts'
import { restoreConfig } from './restore.ts'

const skip = await s3ServerIsAbsent('versitygw')
const server = skip === false ? await openS3Server('versitygw') : null
after(() => server?.[Symbol.asyncDispose]())
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
})

/** Errors of the definition and of the check, by property. */
async function errorsOf(use: Use, props: Props): Promise<{ readonly [name: string]: readonly string[] }> {
  const def: ConfigDef = use === 'write' ? backupConfig : restoreConfig
  const values = await validateAll(def, props)
  const own = values.filter(({ errors }) => errors.length > 0).map(({ name, errors }) => [name, errors])
  return { ...Object.fromEntries(own), ...(await checkConfig(use, props, values)) }
}

const uses: readonly Use[] = ['write', 'read']

test('a bucket that can be used is all right', { skip }, async () => {
  const props = await server!.bucket()
  for (const use of uses) assert.deepEqual(await errorsOf(use, { ...props, prefix: 'not/there/yet' }), {})
})

const wrong: readonly [Props, string, RegExp][] = [
  [
    { 'aws.s3.bucket': 'none-of-these' },
    'aws.s3.bucket',
    /^Invalid value none-of-these for configuration aws.s3.bucket: .*NoSuchBucket.*Create the bucket/,
  ],
  [{ 'aws.accessKeyId': 'NOBODY' }, 'aws.accessKeyId', /^Invalid value NOBODY .*XAdminUserNotFound/],
  [{ 'aws.secretKey': 'hunter2' }, 'aws.secretKey', /^Invalid value \[hidden\] .*SignatureDoesNotMatch/],
  [{ 'aws.region': 'eu-west-1' }, 'aws.region', /^Invalid value eu-west-1 .*AuthorizationHeaderMalformed/],
  [
    { 's3.endpoint': 'http://127.0.0.1:1' },
    's3.endpoint',
    /^Invalid value http:\/\/127.0.0.1:1 .*ECONNREFUSED/,
  ],
]
for (const [change, field, message] of wrong)
  test(`what is wrong with ${field} is said of it`, { skip }, async () => {
    for (const use of uses) {
      const errors = await errorsOf(use, { ...(await server!.bucket()), ...change })
      assert.deepEqual(Object.keys(errors), [field])
      assert.match(errors[field]?.[0] ?? '', message)
      assert.doesNotMatch(errors[field]?.[0] ?? '', /hunter2/)
    }
  })

test('who may not list may back up, and cannot restore', { skip }, async () => {
  await using proxy = await openFaultProxy(server!.endpoint)
  const props = { ...(await server!.bucket()), 's3.endpoint': proxy.endpoint }
  proxy.fail('ListObjects', { answer: 403, code: 'AccessDenied' }, 2)
  assert.deepEqual(await errorsOf('write', props), {})
  const errors = await errorsOf('read', props)
  assert.match(errors['aws.accessKeyId']?.[0] ?? '', /AccessDenied.*s3:ListBucket/)
})

test('the region that a bucket is in is told', { skip }, async () => {
  await using proxy = await openFaultProxy(server!.endpoint)
  proxy.fail('ListObjects', {
    answer: 301,
    code: 'PermanentRedirect',
    headers: { 'x-amz-bucket-region': 'eu-central-1' },
  })
  const errors = await errorsOf('read', { ...(await server!.bucket()), 's3.endpoint': proxy.endpoint })
  assert.match(errors['aws.region']?.[0] ?? '', /The bucket is in eu-central-1: set aws.region to that/)
})

test('a region that is not set is asked for', { skip }, async () => {
  const { 'aws.region': _, ...props } = await server!.bucket()
  for (const use of uses) assert.deepEqual(await errorsOf(use, props), {})
})

test('a server that is busy for a moment is asked again', { skip }, async () => {
  await using proxy = await openFaultProxy(server!.endpoint)
  const props = { ...(await server!.bucket()), 's3.endpoint': proxy.endpoint }
  proxy.fail('ListObjects', { answer: 503, code: 'SlowDown' })
  assert.deepEqual(await errorsOf('read', props), {})
})

test('what is no S3 server at all is said of the endpoint', { skip }, async () => {
  await using proxy = await openFaultProxy(server!.endpoint)
  const props = { ...(await server!.bucket()), 's3.endpoint': proxy.endpoint }
  proxy.fail('ListObjects', { answer: 404, code: 'Nothing' })
  assert.deepEqual(Object.keys(await errorsOf('read', props)), ['s3.endpoint'])
})

test('a configuration that is wrong in itself is not tried', async () => {
  const endpoint = { 's3.endpoint': 'http://127.0.0.1:1', 'aws.s3.bucket': 'b' }
  const half = await errorsOf('write', { ...endpoint, 'aws.accessKeyId': 'a' })
  assert.deepEqual(Object.keys(half), ['aws.secretKey'])
  const bad = await errorsOf('read', { ...endpoint, maxRecordsPerSecond: '-1', 'restore.gaps': 'some' })
  assert.deepEqual(Object.keys(bad).sort(), ['maxRecordsPerSecond', 'restore.gaps'])
})

const unusable: readonly Props[] = [
  { 'aws.s3.bucket': 's3://backups' },
  { 'aws.s3.bucket': 'two words' },
  { 'aws.s3.bucket': '..' },
  { 'aws.region': 'US East' },
  { 'aws.region': 'us-east-1/' },
  { 'aws.accessKeyId': 'two\nlines' },
  { prefix: '..' },
  { prefix: '../a' },
  { prefix: 'a/./b' },
  { prefix: 'a'.repeat(724) },
]
for (const change of unusable)
  test(`what no server could make sense of is refused: ${JSON.stringify(change).slice(0, 40)}`, async () => {
    const props = { 's3.endpoint': 'http://127.0.0.1:1', 'aws.s3.bucket': 'b', 'aws.accessKeyId': 'a' }
    const errors = await errorsOf('read', { ...props, 'aws.secretKey': 's', ...change })
    assert.deepEqual(Object.keys(errors), Object.keys(change))
    assert.match(Object.values(errors)[0]?.[0] ?? '', /must/)
  })

test('names as servers have them are all right, the ARN of an access point among them', async () => {
  const props = { 's3.endpoint': 'not a url', 'aws.s3.bucket': 'b' }
  for (const change of [
    { 'aws.s3.bucket': 'arn:aws:s3:us-west-2:123456789012:accesspoint/backups' },
    { 'aws.s3.bucket': 'a.b-c_D' },
    { 'aws.region': '' },
    { 'aws.region': 'US-EAST-1' },
    { prefix: '/a//b..c/...' },
    { prefix: 'a'.repeat(723) },
  ])
    assert.deepEqual(Object.keys(await errorsOf('read', { ...props, ...change })), ['s3.endpoint'])
})

test('converters other than that for bytes are refused, those of the worker are not known', async () => {
  const props = { 's3.endpoint': 'not a url', 'aws.s3.bucket': 'b' }
  const errors = await errorsOf('write', {
    ...props,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
  })
  assert.match(
    errors['key.converter']?.[0] ?? '',
    /^Invalid value \S+StringConverter for configuration key.converter/,
  )
  assert.deepEqual(Object.keys(errors).sort(), ['key.converter', 's3.endpoint'])
  assert.deepEqual(Object.keys(await errorsOf('write', props)), ['s3.endpoint'])
})

test('a prefix counts from its end, and a prefix of topics has letters and digits only', async () => {
  const props = { 's3.endpoint': 'not a url', 'aws.s3.bucket': 'b' }
  const errors = await errorsOf('read', { ...props, prefix: 'a b/c', 'kafka.topicPrefix': 'a-b' })
  assert.deepEqual(Object.keys(errors).sort(), ['kafka.topicPrefix', 's3.endpoint'])
  assert.ok('prefix' in (await errorsOf('read', { ...props, prefix: 'a b ü' })))
})
