import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { codeOf, type Props, parseConfig } from '@isthmus/sdk'
import { storeConfig } from '../config/store.ts'
import { openFaultProxy } from '../testing/fault-proxy.ts'
import { s3ServerIsAbsent } from '../testing/server/fetch.ts'
import { openS3Server } from '../testing/server/server.ts'
import type { ObjectStore } from './object-store.ts'
import { ATTEMPTS } from './retry.ts'
import { openS3Store, type StoreOptions } from './store.ts'

const skip = await s3ServerIsAbsent('versitygw')
const server = skip === false ? await openS3Server('versitygw') : null
after(() => server?.[Symbol.asyncDispose]())

const large = Buffer.alloc(5 * 1024 * 1024, 'isthmus')

interface Rig {
  readonly store: ObjectStore
  readonly proxy: Awaited<ReturnType<typeof openFaultProxy>>
  readonly warnings: string[]
  /** What is told for debugging alone. */
  readonly untold: string[]
  /** Settles with the first warning. */
  readonly warned: Promise<void>
  readonly stop: AbortController
}

/** A bucket of the test's own behind a proxy; pauses are short. */
function play(
  name: string,
  run: (rig: Rig) => Promise<void>,
  { options, change = {} }: { options?: Partial<StoreOptions>; change?: Props } = {},
): void {
  test(name, { skip }, async () => {
    await using proxy = await openFaultProxy(server!.endpoint)
    const props = { ...(await server!.bucket()), 's3.endpoint': proxy.endpoint, ...change }
    const warnings: string[] = []
    const untold: string[] = []
    const warned = Promise.withResolvers<void>()
    const stop = new AbortController()
    await using store = await openS3Store(parseConfig(storeConfig, props), {
      log: {
        debug: (message) => void untold.push(message),
        warn(message) {
          warnings.push(message)
          warned.resolve()
        },
      },
      signal: stop.signal,
      pauseAfter: () => 1,
      ...options,
    })
    await run({ store, proxy, warnings, untold, warned: warned.promise, stop })
  })
}

async function read(store: ObjectStore, key: string, from = 0): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of (await store.get(key, { from }))?.body ?? []) parts.push(part)
  return Buffer.concat(parts)
}

/** The error of a failed call: its code of the SDK, and a text that matches. */
const failed =
  (code: string, ...texts: readonly (string | RegExp)[]) =>
  (error: unknown): boolean => {
    const { message } = error as Error
    assert.equal(codeOf(error), code, message)
    for (const text of texts) assert.match(message, new RegExp(text))
    return true
  }

const fatal: readonly [string, Props, readonly string[]][] = [
  ['a wrong secret', { 'aws.secretKey': 'hunter2' }, ['SignatureDoesNotMatch', '\\[aws.secretKey\\]']],
  ['an unknown access key', { 'aws.accessKeyId': 'NOBODY' }, ['XAdminUserNotFound', '\\[aws.accessKeyId\\]']],
  [
    'a bucket that is not there',
    { 'aws.s3.bucket': 'none-of-these' },
    ['NoSuchBucket', '\\[aws.s3.bucket\\]'],
  ],
  ['a wrong region', { 'aws.region': 'eu-west-1' }, ['AuthorizationHeaderMalformed', '\\[aws.region\\]']],
]
for (const [what, change, texts] of fatal)
  play(
    `${what} fails with the property that is wrong`,
    async ({ store, proxy, warnings }) => {
      await assert.rejects(store.put('p/t/0/a', large), failed('connect', 'Object p/t/0/a ', ...texts))
      // the connection may end before the refusal is read; a listing brings it out
      assert.equal(proxy.requests.filter(({ operation }) => operation === 'PutObject').length, 1)
      const before = proxy.requests.length
      await assert.rejects(store.get('p/t/0/a'), failed('connect', ...texts))
      await assert.rejects(store.folders('p/'), failed('connect', "begin with 'p/'", ...texts))
      assert.equal(proxy.requests.length, before + 2)
      assert.deepEqual(warnings, [])
    },
    { change },
  )

play('the secret is in no message', async ({ store, proxy }) => {
  proxy.fail('PutObject', { answer: 403, code: 'SignatureDoesNotMatch', message: 'no' })
  await assert.rejects(store.put('a', large), (error: Error) => {
    assert.doesNotMatch(JSON.stringify([error, error.stack, error.cause]), /tests-secret-key/)
    return true
  })
})

play(
  'a server that asks for patience gets it, and is warned of when it begins',
  async ({ store, proxy, warnings, untold }) => {
    proxy.fail('PutObject', { answer: 503, code: 'SlowDown', message: 'Please reduce your request rate.' }, 3)
    await store.put('a', large)
    assert.deepEqual(await read(store, 'a'), large)
    assert.deepEqual([warnings.length, untold.length], [1, 2])
    proxy.fail('PutObject', { answer: 503, code: 'SlowDown', message: 'Again.' })
    await store.put('a', large)
    assert.deepEqual([warnings.length, untold.length], [2, 2])
    assert.match(
      warnings[0] ?? '',
      /^Object a could not be written to bucket tests-\S+: SlowDown: Please reduce your request rate\. \(HTTP 503 from \S+, request proxy\)\. Attempt 1 of 6/,
    )
  },
)

play('after so many attempts the task is to try again', async ({ store, proxy }) => {
  proxy.fail('ListObjects', { answer: 500, code: 'InternalError' }, ATTEMPTS)
  await assert.rejects(store.folders('p/'), failed('retriable', 'InternalError', 'HTTP 500'))
  assert.equal(proxy.requests.length, ATTEMPTS)
  assert.deepEqual(await store.folders('p/'), [])
})

for (const [status, code] of [
  [502, 'NobodyKnowsThis'],
  [400, 'RequestTimeout'],
  [429, 'TooMany'],
  [403, 'RequestTimeTooSkewed'],
] as const)
  play(`${code} with ${status} is tried again`, async ({ store, proxy }) => {
    proxy.fail('PutObject', { answer: status, code })
    await store.put('a', large)
    assert.equal(proxy.requests.length, 2)
  })

play('an unknown refusal is not tried again', async ({ store, proxy }) => {
  proxy.fail('PutObject', { answer: 400, code: 'NobodyKnowsThis', message: 'because' })
  await assert.rejects(store.put('a', large), failed('connect', 'NobodyKnowsThis: because'))
})

play('an upload that was cut is made again', async ({ store, proxy, warnings }) => {
  proxy.fail('PutObject', { cutUploadAt: 1024 * 1024 }, 2)
  await store.put('a', large)
  assert.deepEqual(await read(store, 'a'), large)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /ECONNRESET|EPIPE/)
})

play('an upload whose answer was lost is made again', async ({ store, proxy }) => {
  proxy.fail('PutObject', { loseAnswer: true })
  await store.put('a', large)
  assert.deepEqual(await read(store, 'a'), large)
})

play('a refusal is heard though the server does not wait for the upload', async ({ store, proxy }) => {
  proxy.fail('PutObject', { answer: 403, code: 'AccessDenied', unread: true }, ATTEMPTS)
  await assert.rejects(store.put('a', large), failed('connect', 'AccessDenied', '\\[aws.accessKeyId\\]'))
})

play('a download that was cut says how far it came, and goes on from there', async ({ store, proxy }) => {
  await store.put('a', large)
  proxy.fail('GetObject', { cutDownloadAt: 1_000_000 })
  await assert.rejects(
    read(store, 'a'),
    failed('retriable', /Object a of bucket .* with \d+ of 5242880 bytes read/),
  )
  assert.deepEqual(await read(store, 'a', 1_000_000), large.subarray(1_000_000))
})

play(
  'a silent server is not waited for without end',
  async ({ store, proxy }) => {
    for (const operation of ['PutObject', 'GetObject', 'ListObjects'] as const)
      proxy.fail(operation, { silent: true }, ATTEMPTS)
    await assert.rejects(
      store.put('a', Buffer.from('a')),
      failed('retriable', 'TimeoutError: no answer within 100 ms'),
    )
    await assert.rejects(store.get('a'), failed('retriable', 'no answer within'))
    await assert.rejects(store.folders(''), failed('retriable', 'no answer within'))
  },
  { options: { silenceMs: 100 } },
)

play(
  'who reads slowly is not taken for a silent server',
  async ({ store }) => {
    await store.put('a', large)
    const object = await store.get('a')
    const pause = Promise.withResolvers<void>()
    setTimeout(pause.resolve, 2_000)
    let bytes = 0
    for await (const part of object?.body ?? []) {
      await pause.promise
      bytes += part.length
    }
    assert.equal(bytes, large.length)
  },
  { options: { silenceMs: 1_000 } },
)

play(
  'a stop ends a request, and a pause between two',
  async ({ store, proxy, stop }) => {
    proxy.fail('PutObject', { silent: true })
    proxy.fail('ListObjects', { answer: 503, code: 'SlowDown' })
    const asked = proxy.next('PutObject')
    const put = store.put('a', large)
    const listed = store.folders('')
    await asked
    const reason = new Error('the task has ended')
    stop.abort(reason)
    await assert.rejects(put, reason)
    await assert.rejects(listed, reason)
    await assert.rejects(store.get('a'), reason)
  },
  { options: { pauseAfter: () => 3_600_000 } },
)

play(
  'a call that is aborted while the bucket is asked where it is does not fail others',
  async ({ store, proxy }) => {
    proxy.fail('ListObjects', { silent: true })
    const abort = new AbortController()
    const asked = proxy.next('ListObjects')
    const first = store.put('a', large, abort.signal)
    await asked
    const second = store.put('b', large)
    const reason = new Error('enough')
    abort.abort(reason)
    await assert.rejects(first, reason)
    await second
    assert.deepEqual(await read(store, 'b'), large)
  },
  { change: { 'aws.region': '' } },
)

play('a server that was killed and is back goes on', async ({ store, warned }) => {
  await store.put('before', large)
  await server!.kill()
  const put = store.put('during', large)
  put.catch(() => {})
  await warned
  await server!.start()
  // every attempt may have found the server away
  await put.catch(() => store.put('during', large))
  assert.deepEqual(await read(store, 'before'), large)
  assert.deepEqual(await read(store, 'during'), large)
})

test('what is no S3 server is not taken for one, whatever it answers', async () => {
  let status = 200
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end('<html><br>Welcome</html>'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const config = parseConfig(storeConfig, {
      'aws.s3.bucket': 'b',
      'aws.region': 'us-east-1',
      's3.endpoint': `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      'aws.accessKeyId': 'a',
      'aws.secretKey': 'b',
    })
    const { signal } = new AbortController()
    await using store = await openS3Store(config, {
      log: { debug() {}, warn() {} },
      signal,
      pauseAfter: () => 1,
    })
    await assert.rejects(store.put('a', large), failed('connect', 'no ETag', '\\[s3.endpoint\\]'))
    await assert.rejects(
      store.folders('p/'),
      failed('connect', 'not one of S3 \\(HTTP 200', 'Check that s3.endpoint'),
    )
    status = 404
    await assert.rejects(store.get('a'), failed('connect', 'not one of S3 \\(HTTP 404', '\\[s3.endpoint\\]'))
    status = 502
    await assert.rejects(store.put('a', large), failed('retriable', 'not one of S3 \\(HTTP 502'))
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('an endpoint that nobody listens on is named', async () => {
  for (const [endpoint, text] of [
    ['http://127.0.0.1:1', 'ECONNREFUSED'],
    ['http://no.such.host.invalid', 'ENOTFOUND'],
  ] as const) {
    const config = parseConfig(storeConfig, {
      'aws.s3.bucket': 'b',
      's3.endpoint': endpoint,
      'aws.accessKeyId': 'a',
      'aws.secretKey': 'b',
    })
    const signal = new AbortController().signal
    await using store = await openS3Store(config, {
      log: { debug() {}, warn() {} },
      signal,
      pauseAfter: () => 1,
    })
    await assert.rejects(store.put('a', large), failed('retriable', text, '\\[s3.endpoint\\]'))
  }
})
