import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metadata } from '@isthmus/protocol/apis'
import { certificateFile as fileOf, PASSWORD, certificate as pem } from '@isthmus/tls/testing'
import { openCluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import type { ClientProps } from '../properties/types.ts'
import { openScriptedServer } from '../testing/scripted-server.ts'

const fault = (kafka: string, pattern: RegExp) => (error: unknown) =>
  error instanceof KafkaError && error.kafka === kafka && !error.retriable && pattern.test(error.message)
const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': fileOf('ca.pem') }
const inline = (certificate: string, key: string) => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.key': pem(key),
  'ssl.keystore.certificate.chain': pem(certificate),
})
/** One request over TLS to a server with the given certificate. */
async function talk(props: ClientProps, { certificate = 'server', host = 'localhost', mutual = false } = {}) {
  const server = { cert: pem(`${certificate}.pem`), key: pem(`${certificate}.key`), ca: pem('ca.pem') }
  await using broker = await openScriptedServer({ ...server, requestCert: mutual })
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
]
for (const [what, kafka, pattern, props, server] of refusals)
  test(`TLS with ${what} fails at once and says why`, async () => {
    await assert.rejects(talk(props, server), fault(kafka, pattern))
  })

test('a client of the wrong security.protocol is told so', async () => {
  await using plain = await openScriptedServer()
  await using tls = openCluster({ 'bootstrap.servers': plain.address, 'security.protocol': 'SSL', ...trust })
  await assert.rejects(tls.nodes(), /security.protocol|wrong version number|packet length/)
  await using secure = await openScriptedServer({ cert: pem('server.pem'), key: pem('server.key') })
  await using cluster = openCluster({ 'bootstrap.servers': secure.address })
  await assert.rejects(cluster.nodes(), /security.protocol/)
})

test('properties that cannot be are refused before anything is connected', () => {
  const props = { 'bootstrap.servers': 'a:1', 'security.protocol': 'SSL', 'ssl.enabled.protocols': ',' }
  assert.throws(
    () => openCluster(props),
    fault('CONFIG', /^Configuration 'ssl.enabled.protocols' values must not be empty.$/),
  )
})
