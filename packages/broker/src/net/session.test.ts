import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { errorIds } from '@isthmus/protocol'
import { apiVersions, metadata, saslAuthenticate, saslHandshake } from '@isthmus/protocol/apis'
import { certificate } from '@isthmus/tls/testing'
import { openBroker } from '../broker.ts'
import type { SaslOptions } from '../sasl/sasl.ts'
import { temporaryDirectory } from '../testing/log-fixture.ts'
import { openRawClient, type RawClient, rawClientOver } from '../testing/raw-client.ts'

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const

async function open(sasl: Partial<SaslOptions> = {}) {
  const stack = new AsyncDisposableStack()
  const directory = stack.use(temporaryDirectory())
  const broker = stack.use(
    await openBroker({
      dataDir: directory.path,
      sasl: { mechanisms: MECHANISMS, users: { ann: 'secret', 'b,=b': 'pass' }, ...sasl },
    }),
  )
  const client = stack.use(await openRawClient(broker.port))
  return { broker, client, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
const authenticate = (client: RawClient, token: string) =>
  client.call(saslAuthenticate, 2, { authBytes: Buffer.from(token) })
const isServed = async (client: RawClient) =>
  (await client.call(metadata, 12, { topics: [] })).brokers.length === 1
async function withPlain(client: RawClient, token: string) {
  assert.equal((await client.call(saslHandshake, 1, { mechanism: 'PLAIN' })).errorCode, 0)
  return authenticate(client, token)
}

test('nothing but the handshake is answered before authentication', async () => {
  await using setup = await open()
  assert.ok((await setup.client.call(apiVersions, 0, {})).apiKeys.length > 30)
  const unknown = await setup.client.call(saslHandshake, 1, { mechanism: 'GSSAPI' })
  assert.deepEqual(
    [unknown.errorCode, unknown.mechanisms],
    [errorIds.UNSUPPORTED_SASL_MECHANISM, [...MECHANISMS]],
  )
  assert.equal((await authenticate(setup.client, '\0ann\0secret')).errorCode, errorIds.ILLEGAL_SASL_STATE)
  await assert.rejects(isServed(setup.client), /closed/)
})

test('PLAIN: the right password opens, a wrong one closes', async () => {
  await using setup = await open()
  assert.equal((await withPlain(setup.client, '\0ann\0secret')).errorCode, 0)
  assert.ok(await isServed(setup.client))
  for (const token of ['\0ann\0Secret', '\0toString\0x', '\0\0secret', 'ann', 'bob\0ann\0secret']) {
    await using other = await openRawClient(setup.broker.port)
    const refused = await withPlain(other, token)
    assert.equal(refused.errorCode, errorIds.SASL_AUTHENTICATION_FAILED)
    await assert.rejects(isServed(other), /closed/)
  }
})

test('a session ends unless the client authenticates again, as the same user', async () => {
  await using setup = await open({ maxReauthMs: 1000 })
  const { sessionLifetimeMs } = await withPlain(setup.client, '\0ann\0secret')
  assert.equal(sessionLifetimeMs, 1000)
  assert.equal((await withPlain(setup.client, '\0ann\0secret')).errorCode, 0)
  await using other = await openRawClient(setup.broker.port)
  await withPlain(other, '\0ann\0secret')
  const changed = await withPlain(other, '\0b,=b\0pass')
  assert.match(changed.errorMessage!, /Cannot change principals during re-authentication from ann to b,=b/)
  const end = Date.now() + 10_000
  await assert.rejects(async () => {
    while (Date.now() < end) await isServed(setup.client)
  }, /closed/)
})

/** The client's side of RFC 5802. */
async function scram(
  client: RawClient,
  mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
  name: string,
  password: string,
) {
  const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()
  await client.call(saslHandshake, 1, { mechanism })
  const bare = `n=${name},r=abcdef`
  const first = await authenticate(client, `n,,${bare}`)
  if (first.errorCode !== 0) return first.errorCode
  const reply = first.authBytes.toString()
  const [, nonce, salt, iterations] = /^r=(abcdef[^,]+),s=([^,]+),i=(\d+)$/.exec(reply) as unknown as string[]
  const salted = pbkdf2Sync(
    password,
    Buffer.from(salt!, 'base64'),
    Number(iterations),
    hash === 'sha256' ? 32 : 64,
    hash,
  )
  const clientKey = hmac(salted, 'Client Key')
  const withoutProof = `c=biws,r=${nonce}`
  const signed = `${bare},${reply},${withoutProof}`
  const signature = hmac(createHash(hash).update(clientKey).digest(), signed)
  const proof = clientKey.map((byte, i) => byte ^ signature[i]!)
  const last = await authenticate(client, `${withoutProof},p=${Buffer.from(proof).toString('base64')}`)
  if (last.errorCode === 0)
    assert.equal(
      last.authBytes.toString(),
      `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`,
    )
  return last.errorCode
}

test('SCRAM: proves both sides, and refuses wrong passwords and unknown users', async () => {
  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
    await using setup = await open()
    assert.equal(await scram(setup.client, mechanism, 'b=2C=3Db', 'pass'), 0)
    assert.ok(await isServed(setup.client))
    for (const [name, password] of [
      ['ann', 'wrong'],
      ['nobody', 'secret'],
    ] as const) {
      await using other = await openRawClient(setup.broker.port)
      assert.equal(await scram(other, mechanism, name, password), errorIds.SASL_AUTHENTICATION_FAILED)
    }
  }
})

test('OAUTHBEARER: takes unsecured tokens until they expire, and tells why it refuses', async () => {
  await using setup = await open({ maxReauthMs: 3_600_000 })
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (header: object, payload: object) =>
    `n,,\x01auth=Bearer ${part(header)}.${part(payload)}.\x01\x01`
  const exp = Math.floor(Date.now() / 1000) + 60
  const present = async (client: RawClient, text: string) => {
    await client.call(saslHandshake, 1, { mechanism: 'OAUTHBEARER' })
    return authenticate(client, text)
  }
  const accepted = await present(setup.client, token({ alg: 'none' }, { sub: 'ann', exp }))
  assert.equal(accepted.errorCode, 0)
  assert.ok(accepted.sessionLifetimeMs > 50_000 && accepted.sessionLifetimeMs <= 60_000)
  assert.ok(await isServed(setup.client))
  for (const bad of [
    token({ alg: 'RS256' }, { sub: 'ann', exp }),
    token({ alg: 'none' }, { sub: 'ann', exp: exp - 120 }),
    token({ alg: 'none' }, { exp }),
  ]) {
    await using other = await openRawClient(setup.broker.port)
    const challenge = await present(other, bad)
    assert.equal(challenge.authBytes.toString(), '{"status":"invalid_token"}')
    assert.equal((await authenticate(other, '\x01')).errorCode, errorIds.SASL_AUTHENTICATION_FAILED)
  }
})

test('speaks TLS, and closes though a client never shook hands', async () => {
  using directory = temporaryDirectory()
  await using broker = await openBroker({
    dataDir: directory.path,
    tls: { cert: certificate('server.pem'), key: certificate('server.key') },
  })
  await using silent = await openRawClient(broker.port)
  const socket = connect({ port: broker.port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  await using client = rawClientOver(socket)
  assert.ok(await isServed(client))
  assert.equal(silent.socket.destroyed, false)
})
