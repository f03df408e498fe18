import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { openOwner, runAs } from './owner.ts'
import {
  forgetSecrets,
  hideNamedSecrets,
  hideVariable,
  parsePluginConfig,
  publicMessage,
  publicThrown,
  withoutSecrets,
} from './secrets.ts'

describe('what a thread keeps to itself', () => {
  it('is what names give away, unless it is a switch or a port', () => {
    const names = [
      'producer.override.sasl.jaas.config',
      'ssl.keystore.password',
      'admin.ssl.keystore.key',
      'connection.password',
      'basic.auth.user.info',
      'aws.secret',
      'api-key',
      'accessToken',
    ]
    hideNamedSecrets(Object.fromEntries(names.map((name, i) => [name, `named-${i}`])))
    for (const i of names.keys()) assert.equal(withoutSecrets(`<named-${i}>`), '<[hidden]>', names[i])
    hideNamedSecrets({
      'use.token': 'true',
      'port.secret': '8080',
      'a.password': 'abc',
      'sasl.mechanism': 'PLAIN-X',
    })
    assert.equal(withoutSecrets('true 8080 abc PLAIN-X'), 'true 8080 abc PLAIN-X')
  })

  it('is what definitions call a password, also as JSON writes it', () => {
    const def = { pin: { type: 'password', importance: 'high', doc: '' } } as const
    assert.equal(parsePluginConfig(def, { pin: 'de"fi\\ned' }).pin.reveal(), 'de"fi\\ned')
    assert.equal(withoutSecrets(`{"pin":${JSON.stringify('de"fi\\ned')}}`), '{"pin":"[hidden]"}')
  })

  it('is the value of a variable, which is shown instead; the longest counts, short ones do not', () => {
    hideVariable(`\${env:HOST}`, 'db.example.org')
    hideVariable(`\${env:URL}`, 'jdbc://db.example.org/x')
    hideVariable(`\${env:ON}`, 'yes')
    assert.equal(
      withoutSecrets('at jdbc://db.example.org/x: db.example.org says yes'),
      `at \${env:URL}: \${env:HOST} says yes`,
    )
  })

  it('is in no message that leaves: log lines, states, answers with causes, errors that nothing catches', () => {
    hideNamedSecrets({ password: 'open-sesame' })
    const told = [
      publicMessage({
        type: 'log',
        entry: { level: 'info', logger: 'x', context: '', message: 'open-sesame', trace: 'open-sesame' },
      }),
      publicMessage({
        type: 'state',
        instance: 1,
        state: 'FAILED',
        trace: 'open-sesame',
        message: 'open-sesame',
        version: null,
      }),
      publicMessage({
        type: 'answer',
        instance: 1,
        id: 1,
        error: { message: 'open-sesame', stack: 'open-sesame', cause: { message: 'open-sesame' } },
      }),
    ]
    assert.doesNotMatch(JSON.stringify(told), /sesame/)
    assert.equal(JSON.stringify(told).split('[hidden]').length, 8)
    const thrown = publicThrown(new TypeError('no open-sesame')) as Error
    assert.equal(thrown.message, 'no [hidden]')
    assert.doesNotMatch(String(thrown.stack), /sesame/)
  })

  it('is what login modules, pairs and addresses hold, and each line of a key', () => {
    const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'
    hideNamedSecrets({
      'sasl.jaas.config': 'x.PlainLoginModule required username="me" password="jaas-inner";',
      'basic.auth.user.info': 'me:pair-inner',
      'connection.url': 'jdbc:x://me:address-inner@host/db',
      'ssl.keystore.key': `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----`,
    })
    assert.equal(
      withoutSecrets(`jaas-inner, pair-inner, address-inner, ${line}, -----BEGIN PRIVATE KEY-----`),
      '[hidden], [hidden], [hidden], [hidden], -----BEGIN PRIVATE KEY-----',
    )
  })

  it('belongs to an instance, and is forgotten with it by all but its own code', () => {
    const [one, other] = [openOwner('[one|task-0]'), openOwner('[other|task-0]')]
    for (const each of [one, other]) runAs(each, () => hideNamedSecrets({ password: 'of-both-of-them' }))
    runAs(one, () => hideNamedSecrets({ password: 'of-one-alone' }))
    assert.equal(withoutSecrets('of-one-alone of-both-of-them'), '[hidden] [hidden]')
    forgetSecrets(one)
    assert.equal(withoutSecrets('of-one-alone of-both-of-them'), 'of-one-alone [hidden]')
    assert.equal(
      runAs(one, () => withoutSecrets('of-one-alone of-both-of-them')),
      '[hidden] [hidden]',
    )
  })

  it('is in nothing that nobody catches, whatever was thrown', () => {
    hideNamedSecrets({ password: 'thrown-away' })
    for (const thrown of [
      'text thrown-away',
      { message: 'thrown-away' },
      { reason: { password: 'thrown-away' } },
      new Error('x', { cause: { message: 'thrown-away' } }),
      undefined,
    ])
      assert.doesNotMatch(inspect(publicThrown(thrown)), /thrown-away/)
  })
})
