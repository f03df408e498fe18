import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { KafkaError } from '../errors.ts'
import { cachedToken, type Token, tokenFromEndpoint, tokenFromFile, tokenOf } from './token.ts'
import { unsecuredToken } from './unsecured.ts'

const fault = (kafka: string, pattern: RegExp) => (error: unknown) =>
  error instanceof KafkaError && error.kafka === kafka && pattern.test(error.message)
const claimsOf = (token: Token) =>
  JSON.parse(Buffer.from(token.value.split('.')[1] ?? '', 'base64url').toString()) as object

async function openIssuer(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
) {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    answer(request, body, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
const client = {
  clientId: 'an id',
  clientSecret: 's/+',
  scope: 'a b',
  urlEncodeHeader: false,
  timeoutMs: 5_000,
  backoffMs: 1,
  backoffMaxMs: 20_000,
}

test('a token is had for client credentials, after failures that pass', async () => {
  let asked = 0
  await using issuer = await openIssuer((request, body, response) => {
    if (++asked < 3) {
      response.writeHead(asked === 1 ? 503 : 429).end()
      return
    }
    const basic = Buffer.from(String(request.headers.authorization).slice(6), 'base64').toString()
    assert.equal(basic, 'an id:s/+')
    assert.equal(body, 'grant_type=client_credentials&scope=a+b')
    response.end(JSON.stringify({ access_token: 'opaque', expires_in: 60 }))
  })
  const token = await tokenFromEndpoint({ url: issuer.url, ...client })
  assert.equal(token.value, 'opaque')
  assert.ok(Math.abs((token.expiresAt ?? 0) - Date.now() - 60_000) < 5_000)
  assert.equal(asked, 3)
})

test('an answer that is no token is described, never shown, read no further than a token can be long, and not followed', async () => {
  const answers: readonly [number, { [header: string]: string }, string, string, RegExp][] = [
    [403, { 'content-type': 'text/plain' }, 'key=sesame', 'DENIED', /status 403 \(text\/plain, 10 bytes\)$/],
    [200, {}, 'sesame', 'NONE', /status 200 without an access_token \(no content type, 6 bytes\)$/],
    [200, {}, '{"access_token":"two sesames"}', 'ODD', /without an access_token/],
    [201, {}, `{"access_token":"${'x'.repeat(1024 * 1024)}"}`, 'LONG', /more than 1048576 bytes\)$/],
  ]
  for (const [status, headers, body, what, pattern] of answers) {
    await using issuer = await openIssuer((_request, _body, response) =>
      response.writeHead(status, headers).end(body),
    )
    const url = `${issuer.url.replace('//', '//me:sesame@')}?key=sesame`
    await assert.rejects(tokenFromEndpoint({ url, ...client }), (error) => {
      assert.ok(fault('AUTHENTICATION_FAILED', pattern)(error), `${what}: ${error}`)
      assert.doesNotMatch(inspect(error), /sesame/)
      return true
    })
  }
  let followed = 0
  await using other = await openIssuer((_request, _body, response) => {
    followed++
    response.end('{"access_token":"t"}')
  })
  await using issuer = await openIssuer((_request, _body, response) =>
    response.writeHead(302, { location: other.url }).end(),
  )
  await assert.rejects(tokenFromEndpoint({ url: issuer.url, ...client, backoffMaxMs: 5 }))
  assert.equal(followed, 0)
})

test('an answer without end is left', async () => {
  let sent = 0
  const left = Promise.withResolvers<void>()
  await using issuer = await openIssuer((_request, _body, response) => {
    const more = () => {
      for (;;) {
        sent += 65_536
        if (!response.write('x'.repeat(65_536))) break
      }
    }
    response.on('drain', more).on('close', left.resolve)
    more()
  })
  await assert.rejects(tokenFromEndpoint({ url: issuer.url, ...client }), /more than 1048576 bytes/)
  await left.promise
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`)
})

test('an issuer that refuses, talks nonsense or is away is told apart', async () => {
  let status = 401
  await using issuer = await openIssuer((_request, _body, response) =>
    response.writeHead(status).end('{"no":1}'),
  )
  await assert.rejects(
    tokenFromEndpoint({ url: issuer.url, ...client }),
    fault('AUTHENTICATION_FAILED', /status 401/),
  )
  status = 200
  await assert.rejects(
    tokenFromEndpoint({ url: issuer.url, ...client }),
    fault('AUTHENTICATION_FAILED', /without an access_token/),
  )
  status = 500
  await assert.rejects(
    tokenFromEndpoint({ url: issuer.url, ...client, backoffMaxMs: 5 }),
    fault('DISCONNECTED', /status 500/),
  )
  await assert.rejects(
    tokenFromEndpoint({ url: 'http://127.0.0.1:1/', ...client, backoffMaxMs: 5 }),
    fault('DISCONNECTED', /cannot be reached/),
  )
})

test('a token is kept for most of its life, renewed once for all who ask, and used on while the issuer is away', async () => {
  let issued = 0
  let away = false
  let lifeMs = 60_000
  const token = cachedToken(
    async () => {
      if (away) throw new KafkaError('DISCONNECTED', 'away')
      return { value: `token ${++issued}`, expiresAt: Date.now() + lifeMs }
    },
    { factor: 0, jitter: 0 },
  )
  assert.deepEqual(await Promise.all([token(), token()]), ['token 1', 'token 1'])
  assert.equal(await token(), 'token 2')
  away = true
  assert.equal(await token(), 'token 2')
  away = false
  lifeMs = -1
  assert.equal(await token(), 'token 3')
  away = true
  await assert.rejects(token(), fault('DISCONNECTED', /away/))

  const lasting = cachedToken(async () => ({ value: `${++issued}`, expiresAt: Date.now() + 60_000 }), {
    factor: 0.8,
    jitter: 0,
  })
  assert.equal(await lasting(), await lasting())
})

test('a token file is read anew, and a missing one is named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'isthmus-token-'))
  try {
    const path = join(dir, 'token')
    await writeFile(path, 'one\n')
    assert.deepEqual(await tokenFromFile(path), { value: 'one', expiresAt: null })
    await assert.rejects(tokenFromFile(join(dir, 'none')), fault('CONFIG', /none cannot be read/))
    await writeFile(path, 'user=me\npassword=sesame\n')
    const shown = (error: unknown) => {
      assert.doesNotMatch(inspect(error), /sesame/)
      return fault('CONFIG', /token holds no token$/)(error)
    }
    await assert.rejects(tokenFromFile(path), shown)
    await assert.rejects(tokenFromFile('/dev/zero'), fault('CONFIG', /it is not a regular file/))
    execFileSync('mkfifo', [join(dir, 'pipe')])
    await assert.rejects(tokenFromFile(join(dir, 'pipe')), fault('CONFIG', /it is not a regular file/))
    await truncate(path, 2 ** 30)
    await assert.rejects(tokenFromFile(path), fault('CONFIG', /it is longer than 1048576 bytes/))
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('an unsecured token carries the claims of the options, as Java reads them', () => {
  const now = 1_700_000_000_500
  const token = unsecuredToken(
    {
      unsecuredLoginStringClaim_sub: 'alice',
      unsecuredLoginNumberClaim_n: '1.5',
      unsecuredLoginListClaim_scope: '|a|b',
      unsecuredLoginListClaim_none: ',',
      unsecuredLoginLifetimeSeconds: '10',
    },
    now,
  )
  assert.deepEqual(claimsOf(token), {
    exp: 1_700_000_010.5,
    iat: 1_700_000_000.5,
    sub: 'alice',
    n: 1.5,
    scope: ['a', 'b'],
    none: [],
  })
  assert.equal(token.expiresAt, now + 10_000)
  assert.ok(token.value.endsWith('.'))
  assert.equal(Buffer.from(token.value.split('.')[0] ?? '', 'base64url').toString(), '{"alg":"none"}')
  assert.throws(() => unsecuredToken({}, now), fault('CONFIG', /'sub', which names the principal/))
  const claim = { unsecuredLoginStringClaim_sub: 'a', unsecuredLoginStringClaim_exp: '1' }
  assert.throws(() => unsecuredToken(claim, now), fault('CONFIG', /'exp' claim/))
  assert.equal(tokenOf('not.a.jwt').expiresAt, null)
})
