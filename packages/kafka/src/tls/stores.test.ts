import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { metadata } from '@isthmus/protocol/apis'
import { openCluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import type { ClientProps } from '../properties/types.ts'
import { openScriptedBroker } from '../testing/scripted-broker.ts'
import { opensslName } from './settings.ts'
import { readStore } from './stores.ts'

const fileOf = (name: string) => fileURLToPath(new URL(`../testing/certificates/${name}`, import.meta.url))
const pem = (name: string) => readFileSync(fileOf(name), 'utf8')
const PASSWORD = 'isthmus-test'
const fault = (kafka: string, pattern: RegExp) => (error: unknown) =>
  error instanceof KafkaError && error.kafka === kafka && !error.retriable && pattern.test(error.message)
const source = (file: string, type: string, password: string | null = PASSWORD) => ({
  name: 'ssl.store',
  type,
  location: fileOf(file),
  password,
  keyPassword: null,
})

for (const [file, type] of [
  ['trust.p12', 'PKCS12'],
  ['trust.jks', 'JKS'],
  ['legacy.p12', 'PKCS12'],
  ['trust.p12', 'JKS'],
  ['trust.jks', 'pkcs12'],
] as const)
  test(`${file} as ${type} holds the authority that Java put into it`, async () => {
    const { trusted, key } = await readStore(source(file, type))
    assert.equal(key, null)
    assert.equal(trusted.length, 1)
    assert.ok(new X509Certificate(trusted[0] ?? '').raw.equals(new X509Certificate(pem('ca.pem')).raw))
  })

for (const [file, type, own] of [
  ['client.p12', 'PKCS12', 'client'],
  ['client-ec.p12', 'PKCS12', 'client-ec'],
  ['legacy-client.p12', 'PKCS12', 'client'],
  ['client.jks', 'JKS', 'client'],
] as const)
  test(`${file} holds a key and, first in its chain, the certificate of that key`, async () => {
    const { key, chain } = await readStore(source(file, type))
    const certificate = new X509Certificate(chain[0] ?? '')
    assert.ok(certificate.raw.equals(new X509Certificate(pem(`${own}.pem`)).raw))
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key ?? '')))
    assert.equal(chain.length, 2)
  })

for (const [file, type, password, pattern] of [
  ['trust.p12', 'PKCS12', 'x', /trust.p12 cannot be used: the password is wrong/],
  ['trust.jks', 'JKS', 'x', /trust.jks cannot be used: the password is wrong/],
  ['none.jks', 'JKS', null, /none.jks cannot be used: ENOENT/],
  ['README.md', 'JKS', null, /README.md cannot be used: it cannot be read as PKCS#12/],
  ['ca.pem', 'BCFKS', null, /Invalid value BCFKS for configuration ssl.store.type/],
  ['ca.pem', 'PEM', 'x', /ssl.store.password cannot be specified with PEM format/],
  ['README.md', 'PEM', null, /holds no PEM certificates/],
] as const)
  test(`${file} as ${type} is refused: ${pattern.source}`, async () => {
    await assert.rejects(readStore(source(file, type, password)), fault('CONFIG', pattern))
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

const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': fileOf('ca.pem') }
const inline = (certificate: string, key: string) => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.key': pem(key),
  'ssl.keystore.certificate.chain': pem(certificate),
})
/** One request over TLS to a server with the given certificate. */
async function talk(props: ClientProps, { certificate = 'server', host = 'localhost', mutual = false } = {}) {
  const server = { cert: pem(`${certificate}.pem`), key: pem(`${certificate}.key`), ca: pem('ca.pem') }
  await using broker = await openScriptedBroker({ ...server, requestCert: mutual })
  broker.on(metadata, (r) => r.reply({ clusterId: 'c' }))
  const servers = `${host}:${broker.port}`
  await using cluster = openCluster({ 'bootstrap.servers': servers, 'security.protocol': 'SSL', ...props })
  return (await cluster.nodes()).clusterId
}

const accepted: { readonly [what: string]: [ClientProps, Parameters<typeof talk>[1]?] } = {
  'an authority in a PEM file': [trust],
  'an authority inline, its lines joined': [
    { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': pem('ca.pem').replaceAll('\n', ' ') },
  ],
  'an address that the certificate names': [trust, { host: '127.0.0.1' }],
  'another host without the check': [
    { ...trust, 'ssl.endpoint.identification.algorithm': '' },
    { certificate: 'elsewhere' },
  ],
  'a client certificate': [{ ...trust, ...inline('client.pem', 'client.key') }, { mutual: true }],
  'a client certificate whose key is encrypted': [
    { ...trust, ...inline('client.pem', 'client-encrypted.key'), 'ssl.key.password': PASSWORD },
    { mutual: true },
  ],
  'a client certificate from a key store': [
    { ...trust, 'ssl.keystore.location': fileOf('client.p12'), 'ssl.keystore.password': PASSWORD },
    { mutual: true },
  ],
  'one version and suite': [
    {
      ...trust,
      'ssl.enabled.protocols': 'TLSv1.2',
      'ssl.cipher.suites': 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    },
  ],
}
for (const [what, [props, server]] of Object.entries(accepted))
  test(`TLS with ${what}`, async () => {
    assert.equal(await talk(props, server), 'c')
  })

const refusals: readonly [string, string, RegExp, ClientProps, Parameters<typeof talk>[1]?][] = [
  ['an unknown authority', 'AUTHENTICATION_FAILED', /TLS handshake with localhost.*certificate/, {}],
  [
    'an expired certificate',
    'AUTHENTICATION_FAILED',
    /certificate has expired/,
    trust,
    { certificate: 'expired' },
  ],
  [
    'another host',
    'AUTHENTICATION_FAILED',
    /localhost.*elsewhere.invalid/,
    trust,
    { certificate: 'elsewhere' },
  ],
  ['no client certificate', 'AUTHENTICATION_FAILED', /certificate required/, trust, { mutual: true }],
  [
    'the wrong key password',
    'CONFIG',
    /ssl.key.password does not open/,
    { ...trust, ...inline('client.pem', 'client-encrypted.key'), 'ssl.key.password': 'x' },
  ],
  ['the key of another', 'CONFIG', /does not belong/, { ...trust, ...inline('client-ec.pem', 'client.key') }],
  [
    'half a key store',
    'CONFIG',
    /together/,
    { ...trust, 'ssl.keystore.type': 'PEM', 'ssl.keystore.key': pem('client.key') },
  ],
  ['a version of the future', 'CONFIG', /TLSv9/, { ...trust, 'ssl.enabled.protocols': 'TLSv9' }],
  ['an unknown suite', 'CONFIG', /no cipher match/, { ...trust, 'ssl.cipher.suites': 'TLS_FOO' }],
  [
    'an unknown check',
    'CONFIG',
    /identification/,
    { ...trust, 'ssl.endpoint.identification.algorithm': 'ldap' },
  ],
  [
    'a trust store without certificates',
    'CONFIG',
    /holds no trusted/,
    { ...trust, 'ssl.truststore.location': fileOf('client.key') },
  ],
]
for (const [what, kafka, pattern, props, server] of refusals)
  test(`TLS with ${what} fails at once and says why`, async () => {
    await assert.rejects(talk(props, server), fault(kafka, pattern))
  })

test('a client of the wrong security.protocol is told so', async () => {
  await using plain = await openScriptedBroker()
  await using tls = openCluster({ 'bootstrap.servers': plain.address, 'security.protocol': 'SSL', ...trust })
  await assert.rejects(tls.nodes(), /security.protocol|wrong version number|packet length/)
  await using secure = await openScriptedBroker({ cert: pem('server.pem'), key: pem('server.key') })
  await using cluster = openCluster({ 'bootstrap.servers': secure.address })
  await assert.rejects(cluster.nodes(), /security.protocol/)
})
