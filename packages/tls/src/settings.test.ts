import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sslOptions } from './options.ts'
import { opensslName } from './protocols.ts'
import { clientTls, serverTls } from './settings.ts'
import { certificate, certificateFile } from './testing/certificates.ts'

const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': certificateFile('ca.pem') }
const inline = (chain: string, key: string) => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.key': certificate(key),
  'ssl.keystore.certificate.chain': certificate(chain),
})

for (const [what, message, props] of [
  [
    'the wrong key password',
    /ssl.key.password does not open/,
    { ...trust, ...inline('client.pem', 'client-encrypted.key'), 'ssl.key.password': 'x' },
  ],
  ['the key of another', /does not belong/, { ...trust, ...inline('client-ec.pem', 'client.key') }],
  [
    'half a key store',
    /together/,
    { ...trust, 'ssl.keystore.type': 'PEM', 'ssl.keystore.key': certificate('client.key') },
  ],
  ['a version of the future', /TLSv9/, { ...trust, 'ssl.enabled.protocols': 'TLSv9' }],
  ['an unknown suite', /no cipher match/, { ...trust, 'ssl.cipher.suites': 'TLS_FOO' }],
  ['an unknown check', /identification/, { ...trust, 'ssl.endpoint.identification.algorithm': 'ldap' }],
  [
    'a trust store without certificates',
    /holds no trusted/,
    { ...trust, 'ssl.truststore.location': certificateFile('client.key') },
  ],
] as const)
  test(`a client with ${what} is told why it cannot be`, async () => {
    await assert.rejects(clientTls(sslOptions(props)), { code: 'tls-config', message })
  })

test('the host is checked unless the algorithm for it is empty', async () => {
  const withCheck = await clientTls(sslOptions(trust))
  assert.equal(withCheck.checkServerIdentity, undefined)
  const without = await clientTls(sslOptions({ ...trust, 'ssl.endpoint.identification.algorithm': '' }))
  assert.equal(without.checkServerIdentity?.('a', {} as never), undefined)
  assert.equal(without.rejectUnauthorized, true)
})

test('a server needs a certificate, and asks for those of clients as ssl.client.auth says', async () => {
  await assert.rejects(serverTls(sslOptions(trust)), /ssl.keystore.location is missing/)
  for (const [auth, requestCert, rejectUnauthorized] of [
    ['none', false, false],
    ['requested', true, false],
    ['Required', true, true],
  ] as const) {
    const props = { ...inline('server.pem', 'server.key'), 'ssl.client.auth': auth }
    const options = await serverTls(sslOptions(props))
    assert.deepEqual([options.requestCert, options.rejectUnauthorized], [requestCert, rejectUnauthorized])
  }
})

test('an empty entry of a list is refused in the words of Java', () => {
  assert.throws(() => sslOptions({ 'ssl.enabled.protocols': 'TLSv1.2,,TLSv1.3' }), {
    code: 'tls-config',
    message: "Configuration 'ssl.enabled.protocols' values must not be empty.",
  })
})

test('cipher suites are given to OpenSSL under its names', () => {
  for (const [java, openssl] of [
    ['TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
    ['TLS_DHE_RSA_WITH_AES_256_CBC_SHA256', 'DHE-RSA-AES256-SHA256'],
    ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
  ] as const)
    assert.equal(opensslName(java), openssl)
})
