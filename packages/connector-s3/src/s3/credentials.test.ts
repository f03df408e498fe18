import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { codeOf, type Props, parseConfig } from '@isthmus/sdk'
import { storeConfig } from '../config/store.ts'
import { type Fault, openFaultProxy } from '../testing/fault-proxy.ts'
import { s3ServerIsAbsent } from '../testing/server/fetch.ts'
import { openS3Server } from '../testing/server/server.ts'
import type { ObjectStore } from './object-store.ts'
import { openS3Store } from './store.ts'

const ROLE = 'arn:aws:iam::123456789012:role/backup'
const body = Buffer.from('a')

const skip = await s3ServerIsAbsent('versitygw')
const versity = skip === false ? await openS3Server('versitygw') : null
const skipRoles = await s3ServerIsAbsent('moto')
const moto = skipRoles === false ? await openS3Server('moto') : null
after(async () => {
  await versity?.[Symbol.asyncDispose]()
  await moto?.[Symbol.asyncDispose]()
})

/** Whatever this machine has to say about AWS is not asked for. */
const elsewhere = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/none',
  AWS_SHARED_CREDENTIALS_FILE: '/none',
}
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, elsewhere)
})

const open = (props: Props): Promise<ObjectStore> =>
  openS3Store(parseConfig(storeConfig, props), {
    log: { debug() {}, warn() {} },
    signal: new AbortController().signal,
    pauseAfter: () => 1,
  })

function withoutKeys({ 'aws.accessKeyId': _id, 'aws.secretKey': _key, ...props }: Props): Props {
  return props
}

const failed =
  (...texts: readonly string[]) =>
  (error: unknown): boolean => {
    for (const text of texts) assert.match((error as Error).message, new RegExp(text))
    return true
  }

test('without an access key the environment has it', { skip }, async () => {
  await using store = await open(withoutKeys(await versity!.bucket()))
  process.env['AWS_ACCESS_KEY_ID'] = versity!.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = versity!.secretKey
  await store.put('a', body)
})

test('without an access key the credentials file has it', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-credentials-'))
  try {
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'credentials')
    await writeFile(
      join(folder, 'credentials'),
      `[default]\naws_access_key_id = ${versity!.accessKeyId}\naws_secret_access_key = ${versity!.secretKey}\n`,
    )
    await using store = await open(withoutKeys(await versity!.bucket()))
    await store.put('a', body)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('an access key counts more than the environment', { skip }, async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'another'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'another'
  await using store = await open(await versity!.bucket())
  await store.put('a', body)
})

test('no credentials anywhere is no reason to try again', { skip }, async () => {
  await using store = await open(withoutKeys(await versity!.bucket()))
  await assert.rejects(store.put('a', body), (error) => {
    assert.equal(codeOf(error), 'connect')
    return failed('CredentialsProviderError', 'Set aws.accessKeyId and aws.secretKey')(error)
  })
})

test('half an access key is an error of the other half', async () => {
  const props = { 'aws.s3.bucket': 'b', 's3.endpoint': 'http://127.0.0.1:1' }
  await assert.rejects(
    open({ ...props, 'aws.accessKeyId': 'a' }),
    failed('"aws.secretKey": aws.accessKeyId is set'),
  )
  await assert.rejects(
    open({ ...props, 'aws.secretKey': 'top' }),
    failed('"aws.accessKeyId": aws.secretKey is set'),
  )
})

test('a role is assumed with the access key, and the bucket is used as that role', {
  skip: skipRoles,
}, async () => {
  await using bucket = await openFaultProxy(moto!.endpoint)
  await using sts = await openFaultProxy(moto!.endpoint)
  process.env['AWS_ENDPOINT_URL_STS'] = sts.endpoint
  const props = { ...(await moto!.bucket()), 's3.endpoint': bucket.endpoint, 'aws.role.arn': ROLE }
  await using store = await open(props)
  await store.put('a', body)
  await store.put('b', body)
  // asked once, with the key of the configuration
  assert.equal(sts.requests.length, 1)
  assert.match(
    String(sts.requests[0]?.headers.authorization),
    new RegExp(`Credential=${moto!.accessKeyId}/.*/sts/`),
  )
  for (const { headers } of bucket.requests) {
    assert.doesNotMatch(String(headers.authorization), new RegExp(moto!.accessKeyId))
    assert.ok(headers['x-amz-security-token'])
  }
})

test('a role that may not be assumed is named', { skip: skipRoles }, async () => {
  await using sts = await openFaultProxy(moto!.endpoint)
  process.env['AWS_ENDPOINT_URL_STS'] = sts.endpoint
  await using store = await open({ ...(await moto!.bucket()), 'aws.role.arn': ROLE })
  sts.fail('Other', { answer: 403, code: 'AccessDenied', message: 'not you' })
  await assert.rejects(store.put('a', body), failed('from STS', '\\[aws.role.arn\\]'))
})

test('the credentials of a role are renewed before they end', { skip: skipRoles }, async () => {
  let asked = 0
  const sts = createServer((request, response) => {
    asked++
    // within the five minutes in which credentials count as old
    const expiration = new Date(Date.now() + 60_000).toISOString()
    request
      .resume()
      .on('end', () =>
        response
          .setHeader('content-type', 'text/xml')
          .end(
            `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA${asked}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
          ),
      )
  }).listen(0, '127.0.0.1')
  await once(sts, 'listening')
  try {
    process.env['AWS_ENDPOINT_URL_STS'] = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`
    await using proxy = await openFaultProxy(moto!.endpoint)
    await using store = await open({
      ...(await moto!.bucket()),
      's3.endpoint': proxy.endpoint,
      'aws.role.arn': ROLE,
    })
    await store.put('a', body)
    await store.put('b', body)
    const used = proxy.requests.map(
      ({ headers }) => /Credential=(\w+)\//.exec(String(headers.authorization))?.[1],
    )
    assert.equal(new Set(used).size, 2, `${used}`)
  } finally {
    sts.closeAllConnections()
    sts.close()
  }
})

/** AWS itself is stood in for by a proxy, which says where the bucket is. */
async function regionsUsed(props: Props, fault: Fault | null): Promise<string[]> {
  await using proxy = await openFaultProxy(moto!.endpoint)
  process.env['AWS_ENDPOINT_URL_S3'] = proxy.endpoint
  if (fault !== null) proxy.fail('ListObjects', fault)
  const { 'aws.region': _region, 's3.endpoint': _endpoint, ...bucket } = await moto!.bucket()
  await using store = await open({ ...bucket, ...props })
  await Promise.all([store.put('a', body), store.put('b', body)])
  return proxy.requests.map(
    ({ operation, headers }) =>
      `${operation} ${/\/\d{8}\/([^/]+)\/s3/.exec(String(headers.authorization))?.[1]}`,
  )
}

test('a bucket is asked once where it is', { skip: skipRoles }, async () => {
  const headers = { 'x-amz-bucket-region': 'eu-central-1' }
  assert.deepEqual(await regionsUsed({}, { answer: 301, code: 'PermanentRedirect', headers }), [
    'ListObjects us-west-2',
    'PutObject eu-central-1',
    'PutObject eu-central-1',
  ])
})

test('a bucket that is busy is asked again where it is', { skip: skipRoles }, async () => {
  const requests = await regionsUsed({}, { answer: 503, code: 'SlowDown' })
  assert.deepEqual(requests, [
    'ListObjects us-west-2',
    'ListObjects us-west-2',
    'PutObject us-west-2',
    'PutObject us-west-2',
  ])
})

test('a bucket that may not be listed is where it was asked', { skip: skipRoles }, async () => {
  const requests = await regionsUsed({}, { answer: 403, code: 'AccessDenied' })
  assert.deepEqual(requests, ['ListObjects us-west-2', 'PutObject us-west-2', 'PutObject us-west-2'])
})

test('a region that is set is used', { skip: skipRoles }, async () => {
  assert.deepEqual(await regionsUsed({ 'aws.region': 'eu-west-3' }, null), [
    'PutObject eu-west-3',
    'PutObject eu-west-3',
  ])
})
