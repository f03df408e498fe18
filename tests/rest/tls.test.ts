import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { after, before, describe, test } from 'node:test'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { certificateFile as path } from '@isthmus/tls/testing'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'
import { openRestAlone } from './server.ts'

const pem = (name: string): Promise<string> => readFile(path(name), 'utf8')
const PASSWORD = 'isthmus-test'
const listeners = { listeners: 'https://127.0.0.1:0' }
/** The properties as a file would hold them for listeners. */
const https = (props: { readonly [name: string]: string }, prefix = 'listeners.https.ssl.') => ({
  ...listeners,
  ...Object.fromEntries(Object.entries(props).map(([name, value]) => [prefix + name, value])),
})
const trust = {
  'truststore.type': 'PKCS12',
  'truststore.location': path('trust.p12'),
  'truststore.password': PASSWORD,
}

describe('REST over TLS', () => {
  let dir: TempDir
  let ca: string
  let own: { readonly [name: string]: string }
  before(async () => {
    dir = await openTempDir()
    ca = await pem('ca.pem')
    await writeFile(dir.at('server'), (await pem('server.key')) + (await pem('server.pem')))
    own = { 'keystore.type': 'PEM', 'keystore.location': dir.at('server') }
  })
  after(() => dir[Symbol.asyncDispose]())

  test('a PEM file, and PEM in the properties, in one line or encrypted: clients can verify the worker', async () => {
    const inOneLine = async (name: string) => (await pem(name)).replaceAll('\n', ' ')
    const inline = {
      'keystore.type': 'PEM',
      'keystore.key': await inOneLine('server.key'),
      'keystore.certificate.chain': await inOneLine('server.pem'),
    }
    for (const props of [own, inline]) {
      await using rest = await openRestAlone(https(props))
      assert.match(rest.url, /^https:\/\/127\.0\.0\.1:\d+\/$/)
      assert.equal((await asked(rest.url, { ca })).status, 503)
    }
    const encrypted = {
      'keystore.type': 'PEM',
      'keystore.key': await pem('client-encrypted.key'),
      'keystore.certificate.chain': await pem('client.pem'),
    }
    await using rest = await openRestAlone(https({ ...encrypted, 'key.password': PASSWORD }))
    assert.equal((await asked(rest.url, { ca, servername: 'client' })).status, 503)
    await refused({ ...encrypted, 'key.password': 'wrong' }, /ssl\.key\.password|decrypt/)
    await refused({ ...encrypted, 'keystore.key': await pem('server.key') }, /does not belong to its certif/)
  })

  test('stores of Java with their passwords', async () => {
    for (const [type, file] of [
      ['PKCS12', 'client.p12'],
      ['PKCS12', 'legacy-client.p12'],
      ['PKCS12', 'client-ec.p12'],
      ['JKS', 'client.jks'],
    ] as const) {
      const store = { 'keystore.type': type, 'keystore.location': path(file) }
      await using rest = await openRestAlone(https({ ...store, 'keystore.password': PASSWORD }))
      assert.equal((await asked(rest.url, { ca, servername: 'client' })).status, 503, file)
      await refused(
        { ...store, 'keystore.password': 'wrong' },
        new RegExp(`${file} cannot be used.*password`),
      )
    }
  })

  test('what is missing or wrong ends the start, and is named', async () => {
    await refused({}, /ssl\.keystore\.location is missing/)
    await refused({ ...own, 'keystore.location': '/nowhere/keys' }, /\/nowhere\/keys.*ENOENT/)
    await refused(
      { ...own, 'keystore.type': 'BKS' },
      /Invalid value BKS for configuration ssl\.keystore\.type/,
    )
    await refused(
      { ...own, 'keystore.location': path('ca.pem') },
      /holds no private key with its certificate/,
    )
    await refused({ ...own, 'client.auth': 'maybe' }, /String must be one of: required, requested, none/)
    await refused({ ...own, ...trust, 'truststore.password': 'wrong' }, /trust\.p12 cannot be used.*password/)
  })

  test('a client shows a certificate when it must, may show one when it is asked, and none that is wrong', async () => {
    const identity = async (name: string) => ({
      key: await pem(`${name}.key`),
      cert: await pem(`${name}.pem`),
    })
    const [trusted, expired] = [await identity('client'), await identity('expired')]
    const expected = {
      none: [true, true, true],
      requested: [true, true, false],
      required: [false, true, false],
    }
    for (const [auth, [without, withTrusted, withExpired]] of Object.entries(expected)) {
      await using rest = await openRestAlone(https({ ...own, ...trust, 'client.auth': auth }))
      const passes = (options: ConnectionOptions) =>
        asked(rest.url, { ca, ...options }).then(
          () => true,
          () => false,
        )
      assert.equal(await passes({}), without, `${auth}, without one`)
      assert.equal(await passes(trusted), withTrusted, `${auth}, a trusted one`)
      assert.equal(await passes(expired), withExpired, `${auth}, an expired one`)
    }
  })

  test('properties under listeners.https. count alone; without any, those of the worker do', async () => {
    await using plain = await openRestAlone(https(own, 'ssl.'))
    assert.equal((await asked(plain.url, { ca })).status, 503)
    await assert.rejects(
      openRestAlone({ ...https(own, 'ssl.'), 'listeners.https.ssl.client.auth': 'none' }),
      /ssl\.keystore\.location is missing.*under listeners\.https\./,
    )
  })

  test('the admin listeners have their own, and protocol versions can be narrowed', async () => {
    const admin = {
      ...https({ ...own, 'enabled.protocols': 'TLSv1.2' }),
      'admin.listeners': 'https://127.0.0.1:0',
      'admin.listeners.https.ssl.keystore.type': 'PEM',
    }
    await assert.rejects(openRestAlone(admin), /is missing.*under admin\.listeners\.https\./)
    const location = { 'admin.listeners.https.ssl.keystore.location': dir.at('server') }
    await using rest = await openRestAlone({ ...admin, ...location })
    assert.equal((await asked(rest.url, { ca })).protocol, 'TLSv1.2')
    await assert.rejects(asked(rest.url, { ca, minVersion: 'TLSv1.3' }))
  })
})

const refused = (props: { readonly [name: string]: string }, message: RegExp) =>
  assert.rejects(openRestAlone(https(props)), { code: 'config', message })

function asked(
  url: string,
  options: ConnectionOptions,
): Promise<{ status: number | undefined; protocol: string | null }> {
  return new Promise((resolve, reject) => {
    request(url, { ...options, agent: false }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, protocol: (response.socket as TLSSocket).getProtocol() })
    })
      .on('error', reject)
      .end()
  })
}
