import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { refusalOf } from './client-limits.ts'
import { adminProps, consumerProps, deadLetterProps, producerProps } from './clients.ts'
import { parseWorker } from './worker.ts'

type Case = readonly [
  system: { readonly [name: string]: string },
  key: string,
  value: string,
  refusal: string | null,
]
const golden = JSON.parse(
  readFileSync(new URL('golden/client-limits.json', import.meta.url), 'utf8'),
) as readonly Case[]

test("what a connector's clients may not name is refused in Java's words, and nothing else is", () => {
  for (const [worker, key, value, refusal] of golden) {
    const said = refusalOf(key, value, worker)
    assert.equal(said, refusal, JSON.stringify([worker, value]))
    assert.doesNotMatch(said ?? '', /sesame/)
  }
})

test('a password in a URL that is refused is not shown, and is part of one that is allowed', () => {
  const key = 'sasl.oauthbearer.token.endpoint.url'
  const url = 'https://me:sesame@idp/token?to=a@b'
  assert.match(
    refusalOf(key, url, {}) ?? '',
    /^Invalid value https:\/\/…@idp\/token\?to=a@b for configuration/,
  )
  assert.equal(refusalOf(key, url, { 'org.apache.kafka.sasl.oauthbearer.allowed.urls': url }), null)
})

test('stores are read below the folders that the worker names, anywhere where it names none', () => {
  const paths = (text: string) => ({ 'connector.client.allowed.paths': text })
  for (const key of ['ssl.keystore.location', 'ssl.truststore.location'])
    for (const [worker, location, isAllowed] of [
      [{}, '/etc/x.jks', true],
      [paths('/etc/pki, /run/secrets/'), '/etc/pki/x.jks', true],
      [paths('/etc/pki, /run/secrets/'), '/run/secrets/a/../b', true],
      [paths('/etc/pki'), '/etc/pki', true],
      [paths('/'), '/etc/x.jks', true],
      [paths('/etc/pki'), '/etc/pki-of-others/x.jks', false],
      [paths('/etc/pki'), '/etc/pki/../shadow', false],
      [paths('/etc/pki'), 'x.jks', false],
      [paths(''), '/etc/x.jks', false],
    ] as const)
      assert.equal(
        refusalOf(key, location, worker) === null,
        isAllowed,
        `${JSON.stringify(worker)} ${location}`,
      )
  assert.equal(
    refusalOf('ssl.keystore.location', '/a', paths('/b')),
    "Invalid value /a for configuration ssl.keystore.location: The file is in no folder that the worker's connector.client.allowed.paths names.",
  )
  const least = { 'bootstrap.servers': 'k:1', 'key.converter': 'a.B', 'value.converter': 'a.B' }
  assert.throws(() => parseWorker({ ...least, ...paths('/a,b') }), /Path b is not absolute/)
})

test('no client is made of properties that the worker refuses, whoever asks for it', () => {
  const of = { connector: 'c', task: 0 }
  const url = 'sasl.oauthbearer.token.endpoint.url'
  const clients = {
    producer: [producerProps, deadLetterProps],
    consumer: [consumerProps],
    admin: [adminProps, deadLetterProps],
  }
  for (const [client, makers] of Object.entries(clients))
    for (const make of makers) {
      const worker = {
        'bootstrap.servers': 'k:1',
        [`${client}.${url}`]: 'file:///mine',
        [url]: 'file:///mine',
      }
      const override = (key: string, value: string) => ({ [`${client}.override.${key}`]: value })
      // the worker's own are the operator's
      make({ worker, connector: {} }, of)
      const refused = (connector: { [name: string]: string }, more = {}) =>
        assert.throws(
          () => make({ worker: { ...worker, ...more }, connector }, of),
          (error: Error) => error.message.startsWith('Client Config Overrides not allowed: '),
          `${client} ${make.name}`,
        )
      refused(override(url, 'file:///etc/passwd'))
      refused(override('sasl.jaas.config', 'com.sun.security.auth.module.JndiLoginModule required;'))
      refused(override('ssl.truststore.location', '/x'), { 'connector.client.allowed.paths': '' })
      refused(override('acks', '1'), { 'connector.client.config.override.policy': 'None' })
      refused(override('acks', '1'), { 'connector.client.config.override.policy': 'Principal' })
      refused(override('acks', '1'), { 'connector.client.config.override.policy': 'Allowlist' })
      refused(override('acks', '1'), { 'connector.client.config.override.policy': 'of.our.own' })
      make(
        {
          worker: { ...worker, 'org.apache.kafka.sasl.oauthbearer.allowed.urls': 'https://i' },
          connector: override(url, 'https://i'),
        },
        of,
      )
      make(
        {
          worker: { ...worker, 'connector.client.config.override.policy': 'Principal' },
          connector: override('sasl.mechanism', 'PLAIN'),
        },
        of,
      )
    }
})
