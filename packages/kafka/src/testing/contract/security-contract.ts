import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { certificateFile } from '@isthmus/tls/testing'
import { openCluster } from '../../cluster/cluster.ts'
import { KafkaError } from '../../errors.ts'
import { openFetcher } from '../../fetcher/fetcher.ts'
import { openProducer } from '../../producer/producer.ts'
import type { ClientProps } from '../../properties/types.ts'
import { openTarget } from './target.ts'
import { enqueue, pollUntil, write } from './values.ts'

/** Brokers that know the user `ada` with the password `secret`, and end her sessions after `REAUTHENTICATION_MS`. */
export interface SecureTarget {
  /** `localhost:port`: of a certificate for this host, one for another host, one that has expired. */
  address(listener: 'SASL_PLAINTEXT' | 'SASL_SSL' | 'of another host' | 'expired'): string
  unique(what: string): string
}
/** Apache Kafka takes no second authentication within a second, and clients come with theirs a little before this. */
export const REAUTHENTICATION_MS = 1_500
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const

const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': certificateFile('ca.pem') }

const packageName = 'org.apache.kafka.common.security'
function credentials(mechanism: (typeof MECHANISMS)[number], password: string): ClientProps {
  const user = `username="ada" password="${password}"`
  const jaas = {
    PLAIN: `${packageName}.plain.PlainLoginModule required ${user};`,
    'SCRAM-SHA-256': `${packageName}.scram.ScramLoginModule required ${user};`,
    'SCRAM-SHA-512': `${packageName}.scram.ScramLoginModule required ${user};`,
    OAUTHBEARER: `${packageName}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="ada";`,
  }
  return { 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas[mechanism] }
}
const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof KafkaError &&
  error.kafka === 'AUTHENTICATION_FAILED' &&
  !error.retriable &&
  pattern.test(error.message)

/** How clients get in, stay in and are kept out. */
export function securityContract(target: SecureTarget): void {
  const propsFor = (
    protocol: 'SASL_PLAINTEXT' | 'SASL_SSL',
    mechanism: (typeof MECHANISMS)[number],
    password = 'secret',
  ) => ({
    ...trust,
    ...credentials(mechanism, password),
    'bootstrap.servers': target.address(protocol),
    'security.protocol': protocol,
  })

  for (const protocol of ['SASL_PLAINTEXT', 'SASL_SSL'] as const)
    for (const mechanism of MECHANISMS)
      test(`records go to and fro over ${protocol} with ${mechanism}`, async () => {
        const props = propsFor(protocol, mechanism)
        await using opened = openTarget({ props: () => props, unique: target.unique })
        const topic = await opened.topic()
        await write(opened.cluster, topic, 0, ['a', 'b', 'c'])
        await using fetcher = openFetcher(opened.cluster, { 'auto.offset.reset': 'earliest' })
        fetcher.assign([{ topic, partition: 0, offset: null }])
        assert.equal((await pollUntil(fetcher, (r) => r.length >= 3)).length, 3)
      })

  for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)
    test(`a wrong password is refused at once, for good, whoever asks (${mechanism})`, async () => {
      const props = propsFor('SASL_SSL', mechanism, 'guessed')
      await using cluster = openCluster(props)
      await assert.rejects(cluster.nodes(), refused(/[Aa]uthentication failed/))
      await assert.rejects(
        cluster.retry(() => cluster.topics()),
        refused(/[Aa]uthentication failed/),
      )
      await using producer = openProducer<null>(cluster, props, { acknowledged: () => undefined })
      await assert.rejects(enqueue(producer, 'any', 0, 'v', null), refused(/[Aa]uthentication failed/))
    })

  test('a token that has expired is refused', async () => {
    const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')
    const token = `${part({ alg: 'none' })}.${part({ sub: 'ada', iat: 1, exp: 2 })}.`
    const props = propsFor('SASL_PLAINTEXT', 'OAUTHBEARER')
    const jaas = `${packageName}.oauthbearer.OAuthBearerLoginModule required;`
    await using tokens = await tokenFile(token)
    await using cluster = openCluster({
      ...props,
      'sasl.jaas.config': jaas,
      'sasl.oauthbearer.token.endpoint.url': tokens.url,
    })
    await assert.rejects(cluster.nodes(), refused(/expired|[Aa]uthentication failed|invalid_token/))
  })

  describe('long sessions', { concurrency: true }, () => {
    for (const mechanism of MECHANISMS)
      test(`traffic goes on while sessions end and are renewed (${mechanism})`, async () => {
        const props = propsFor('SASL_SSL', mechanism)
        await using opened = openTarget({ props: () => props, unique: target.unique })
        const topic = await opened.topic()
        let failed: unknown = null
        let sent = 0
        await using producer = openProducer<null>(
          opened.cluster,
          {},
          {
            acknowledged({ error }) {
              failed ??= error
            },
          },
        )
        await using fetcher = openFetcher(opened.cluster, { 'auto.offset.reset': 'earliest' })
        fetcher.assign([{ topic, partition: 0, offset: null }])
        let seen = 0
        const until = Date.now() + REAUTHENTICATION_MS * 2.5
        while (Date.now() < until) {
          for (let i = 0; i < 50; i++) await enqueue(producer, topic, 0, `${sent++}`, null)
          await producer.flush()
          for (const { records } of await fetcher.poll(1_000))
            for (const { value } of records) assert.equal(String(value), `${seen++}`)
        }
        assert.equal(failed, null)
        await pollUntil(fetcher, (r) => seen + r.length >= sent)
      })
  })

  for (const [listener, pattern] of [
    ['expired', /certificate has expired/],
    ['of another host', /localhost.*elsewhere.invalid/],
  ] as const)
    test(`a certificate ${listener} is refused`, async () => {
      const servers = { 'bootstrap.servers': target.address(listener), 'security.protocol': 'SSL' }
      await using cluster = openCluster({ ...trust, ...servers })
      await assert.rejects(
        cluster.retry(() => cluster.nodes()),
        refused(pattern),
      )
      if (listener === 'expired') return
      await using lenient = openCluster({
        ...trust,
        ...servers,
        'ssl.endpoint.identification.algorithm': '',
      })
      assert.equal((await lenient.nodes()).nodes.length, 1)
    })

  test('an authority that nobody trusts is refused', async () => {
    const {
      'ssl.truststore.location': _,
      'ssl.truststore.type': __,
      ...props
    } = propsFor('SASL_SSL', 'PLAIN')
    await using cluster = openCluster(props)
    await assert.rejects(cluster.nodes(), refused(/certificate/))
  })
}

async function tokenFile(token: string): Promise<{ readonly url: string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'isthmus-token-'))
  const path = join(dir, 'token')
  await writeFile(path, token)
  return { url: pathToFileURL(path).href, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) }
}
