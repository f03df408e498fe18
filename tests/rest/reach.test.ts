import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { openScriptedServer } from '@isthmus/kafka/testing'
import { saslAuthenticate, saslHandshake } from '@isthmus/protocol/apis'
import { eventually } from '../process/eventually.ts'
import { type GroupWorker, startWorker } from '../process/group-worker.ts'
import { openTempDir } from '../process/temp-dir.ts'

type Props = { readonly [name: string]: string }
const URL_KEY = 'sasl.oauthbearer.token.endpoint.url'
const SECRET = 'c2VjcmV0IG9mIHRoZSB3b3JrZXI'

const healthy = ({ client }: GroupWorker) =>
  eventually('the worker is healthy', () =>
    client.health().then(
      () => true,
      () => false,
    ),
  )

/** Who may configure connectors may not thereby read the worker's files, nor send requests from where it stands. */
test("a connector's clients get their tokens from nowhere that the operator has not named", async () => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  await writeFile(dir.at('secret'), SECRET)
  await writeFile(dir.at('in.txt'), 'line\n')
  // what a stranger would run: a broker that takes any token, and an address inside the worker's network
  const heard: string[] = []
  await using stranger = await openScriptedServer()
  stranger.on(saslHandshake, (r) => r.reply({}))
  stranger.on(saslAuthenticate, (r) => {
    heard.push(r.body.authBytes.toString('latin1'))
    r.reply({ errorCode: 58, errorMessage: 'thank you' })
  })
  let asked = 0
  const inside = createServer((_request, response) => {
    asked++
    response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' }).end(SECRET)
  }).listen(0, '127.0.0.1')
  await using stack = new AsyncDisposableStack()
  stack.defer(async () => void inside.close())
  await once(inside, 'listening')
  const urls = {
    file: `file://${dir.at('secret')}`,
    http: `http://127.0.0.1:${(inside.address() as AddressInfo).port}/metadata`,
  }

  const source = { 'connector.class': 'FileStreamSource', file: dir.at('in.txt'), topic: 'lines' }
  const sink = { 'connector.class': 'FileStreamSink', file: dir.at('out.txt'), topics: 'lines' }
  const letters = {
    'errors.deadletterqueue.topic.name': 'letters',
    'errors.deadletterqueue.topic.replication.factor': '1',
  }
  const created = {
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
  }
  const attack = (client: string, url: string, config: Props): Props => {
    const own = {
      'bootstrap.servers': stranger.address,
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.jaas.config':
        'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="a" clientSecret="b";',
      [URL_KEY]: url,
    }
    const overrides = Object.entries(own).map(([key, value]) => [`${client}.override.${key}`, value])
    return { ...config, ...Object.fromEntries(overrides) }
  }
  const attacks = [
    ['producer', urls.file, source],
    ['producer', urls.http, { ...sink, ...letters }],
    ['consumer', urls.file, sink],
    ['consumer', urls.http, sink],
    ['admin', urls.file, { ...source, ...created }],
  ] as const

  const props = {
    'bootstrap.servers': broker.bootstrapServers,
    'group.id': 'reach',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'scheduled.rebalance.max.delay.ms': '0',
    ...Object.fromEntries(
      ['offset', 'config', 'status'].flatMap((kind) => [
        [`${kind}.storage.topic`, `reach-${kind}`],
        [`${kind}.storage.replication.factor`, '1'],
      ]),
    ),
  }
  {
    // in the environment as in Java
    const opts = `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${urls.file},${urls.http}`
    await using worker = await startWorker.isthmus(dir.at('open'), props, { KAFKA_OPTS: opts })
    await healthy(worker)
    for (const [at, [client, url, config]] of attacks.entries())
      await worker.client.put(`stored-${at}`, attack(client, url, config))
    await eventually('tokens are got and offered', () => asked > 0 && heard.join().includes(SECRET))
    assert.doesNotMatch(worker.output(), new RegExp(SECRET))
    assert.equal(await worker.stop(), 0)
  }
  const before = [asked, heard.length, stranger.connections]

  await using worker = await startWorker.isthmus(dir.at('closed'), props)
  await healthy(worker)
  const refusal = (url: string) =>
    `Invalid value ${url} for configuration ${URL_KEY}: The URL cannot be accessed due to restrictions. Update the system property 'org.apache.kafka.sasl.oauthbearer.allowed.urls' to allow the URL to be accessed.`
  for (const [at, [client, url, given]] of attacks.entries()) {
    const said = refusal(url)
    const config = attack(client, url, given)
    await eventually(`what is stored fails: ${said}`, async () => {
      const { tasks } = await worker.client.status(`stored-${at}`)
      return tasks[0]?.state === 'FAILED' && tasks[0].trace?.includes(said)
    })
    await assert.rejects(worker.client.put('again', config), (error: Error & { status?: number }) => {
      assert.equal(error.status, 400)
      assert.ok(error.message.includes(said), error.message)
      return true
    })
    const { configs } = await worker.client.validate(config['connector.class'] ?? '', {
      name: 'v',
      ...config,
    })
    const wrong = configs
      .filter(({ value }) => value.errors.length > 0)
      .map(({ value }) => [value.name, value.errors])
    assert.deepEqual(wrong, [[`${client}.override.${URL_KEY}`, [said]]])
  }
  assert.deepEqual([asked, heard.length, stranger.connections], before)
  assert.doesNotMatch(worker.output(), new RegExp(SECRET))
})
