import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listGroups, metadata, saslAuthenticate, saslHandshake } from '@isthmus/protocol/apis'
import { openCluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import type { ClientProps } from '../properties/types.ts'
import { openScriptedServer, type ScriptedServer } from '../testing/scripted-server.ts'

const fault = (kafka: string, pattern: RegExp) => (error: unknown) =>
  error instanceof KafkaError && error.kafka === kafka && pattern.test(error.message)
const jaas = (module: string, options: string) =>
  `org.apache.kafka.common.security.${module} required ${options};`
const PLAIN = {
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': 'PLAIN',
  'sasl.jaas.config': jaas('plain.PlainLoginModule', 'username="u" password="p"'),
}
const clientOf = (broker: ScriptedServer, props: ClientProps = PLAIN) =>
  openCluster({ 'bootstrap.servers': broker.address, ...props })

/** Accepts user u with password p by PLAIN. */
async function openGuarded(sessionLifetimeMs = 0): Promise<ScriptedServer> {
  const broker = await openScriptedServer()
  broker.on(saslHandshake, (r) =>
    r.reply({ errorCode: r.body.mechanism === 'PLAIN' ? 0 : 33, mechanisms: ['PLAIN'] }),
  )
  broker.on(saslAuthenticate, (r) =>
    r.body.authBytes.equals(Buffer.from('\0u\0p'))
      ? r.reply({ errorCode: 0, errorMessage: null, sessionLifetimeMs })
      : r.reply({ errorCode: 58, errorMessage: 'Authentication failed: Invalid username or password' }),
  )
  broker.on(metadata, (r) => r.reply({ brokers: [], clusterId: 'c' }))
  return broker
}

test('each connection authenticates before anything else', async () => {
  await using broker = await openGuarded()
  await using cluster = clientOf(broker)
  assert.equal((await cluster.nodes()).clusterId, 'c')
  assert.deepEqual(broker.asked, ['ApiVersions', 'SaslHandshake', 'SaslAuthenticate', 'Metadata'])
})

test('wrong credentials fail at once, with the words of the broker', async () => {
  await using broker = await openGuarded()
  const config = jaas('plain.PlainLoginModule', 'username="u" password="x"')
  await using cluster = clientOf(broker, { ...PLAIN, 'sasl.jaas.config': config })
  await assert.rejects(
    cluster.retry(() => cluster.nodes()),
    fault('AUTHENTICATION_FAILED', /by PLAIN failed: Authentication failed: Invalid username or password/),
  )
  assert.equal(broker.connections, 1)
})

test('a mechanism that the broker does not have is named with those that it has', async () => {
  await using broker = await openGuarded()
  const props = {
    ...PLAIN,
    'sasl.mechanism': 'SCRAM-SHA-256',
    'sasl.jaas.config': jaas('scram.ScramLoginModule', 'username="u" password="p"'),
  }
  await using cluster = clientOf(broker, props)
  await assert.rejects(cluster.nodes(), fault('AUTHENTICATION_FAILED', /SCRAM-SHA-256, but: PLAIN/))
})

test('a server that never has enough is left', async () => {
  await using broker = await openGuarded()
  broker.on(saslHandshake, (r) => r.reply({}))
  broker.on(saslAuthenticate, (r) => r.reply({ errorMessage: null, authBytes: Buffer.from('more') }))
  const props = {
    ...PLAIN,
    'sasl.mechanism': 'OAUTHBEARER',
    'sasl.jaas.config': jaas('oauthbearer.OAuthBearerLoginModule', 'unsecuredLoginStringClaim_sub="a"'),
  }
  await using cluster = clientOf(broker, props)
  await assert.rejects(cluster.nodes(), fault('AUTHENTICATION_FAILED', /without end/))
})

test('a session is renewed on its connection before it ends, and no request is lost or sent between (KIP-368)', async () => {
  await using broker = await openGuarded(40)
  let renewing = false
  let handshakes = 0
  const handshaken = Promise.withResolvers<void>()
  broker.on(saslHandshake, (r) => {
    renewing = true
    if (++handshakes === 4) handshaken.resolve()
    r.reply({})
  })
  broker.on(saslAuthenticate, (r) => {
    renewing = false
    r.reply({ errorMessage: null, sessionLifetimeMs: 40 })
  })
  broker.on(listGroups, (r) => {
    assert.equal(renewing, false)
    r.reply({ groups: [] })
  })
  await using cluster = clientOf(broker)
  let over = false
  const users = Array.from({ length: 3 }, async () => {
    while (!over) await cluster.request(listGroups, {}, { to: 'any' })
  })
  await handshaken.promise
  over = true
  await Promise.all(users)
  assert.equal(broker.connections, 1)
})

test('credentials that the broker no longer accepts end the connection at its renewal', async () => {
  await using broker = await openGuarded(1)
  await using cluster = clientOf(broker)
  await cluster.nodes()
  broker.on(saslAuthenticate, (r) => r.reply({ errorCode: 58, errorMessage: 'revoked' }))
  const revoked = async () => {
    for (;;) await cluster.nodes()
  }
  await assert.rejects(revoked(), fault('AUTHENTICATION_FAILED', /revoked/))
})

const configs: readonly [ClientProps, RegExp][] = [
  [
    { 'sasl.mechanism': 'GSSAPI' },
    /Invalid value GSSAPI for configuration sasl.mechanism: String must be one of: PLAIN/,
  ],
  [{ 'sasl.mechanism': 'PLAIN' }, /PLAIN needs sasl.jaas.config/],
  [
    { ...PLAIN, 'sasl.mechanism': 'SCRAM-SHA-512' },
    /PlainLoginModule, but sasl.mechanism SCRAM-SHA-512 needs/,
  ],
  [{ ...PLAIN, 'sasl.jaas.config': jaas('plain.PlainLoginModule', 'username="u"') }, /lacks password/],
  [
    {
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.jaas.config': jaas('oauthbearer.OAuthBearerLoginModule', 'a="b"'),
      'sasl.oauthbearer.token.endpoint.url': 'gopher://x',
    },
    /gopher.* a file, http or https URL is needed/,
  ],
  [
    {
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.jaas.config': jaas('oauthbearer.OAuthBearerLoginModule', 'a="b"'),
      'sasl.oauthbearer.token.endpoint.url': 'gopher://me:sesame@x',
    },
    /^Invalid value …@x for configuration/,
  ],
  [
    {
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.jaas.config': jaas('oauthbearer.OAuthBearerLoginModule', 'clientId="b"'),
      'sasl.oauthbearer.token.endpoint.url': 'https://x',
    },
    /needs sasl.oauthbearer.client.credentials/,
  ],
]
for (const [props, pattern] of configs)
  test(`a configuration that cannot be is refused: ${pattern.source}`, () => {
    const all = { 'bootstrap.servers': 'x:1', 'security.protocol': 'sasl_ssl', ...props }
    assert.throws(() => openCluster(all), fault('CONFIG', pattern))
  })
