import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hiding } from './hiding.ts'

const SHOWN = '[hidden]'
const hide = (...secrets: string[]) => hiding(secrets.map((secret) => [secret, SHOWN]))
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('hiding secrets in texts', () => {
  it('finds them percent-encoded, in quotes and in Base64, wherever in it they begin', () => {
    const secret = `op'en "sesame"/+ü\\\t?`
    const forms = [
      encodeURIComponent(secret),
      encodeURIComponent(secret).toLowerCase(),
      new URLSearchParams({ secret }).toString().slice('secret='.length),
      [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
      JSON.stringify(secret).slice(1, -1),
      JSON.stringify(JSON.stringify({ secret })),
      base64(secret),
      base64(`a:${secret}`),
      base64(`me:${secret}\n`),
      base64(`you:${secret}!!`),
      Buffer.from(`me:${secret}`).toString('base64url'),
    ]
    for (const form of forms) {
      const told = hide(secret)(`it is ${form}.`)
      assert.ok(told.includes(SHOWN), form)
      assert.doesNotMatch(told, /sesame|c2VzYW1l|%73%65/i)
    }
    assert.equal(
      hide(secret)(`Authorization: Basic ${base64(`me:${secret}`)}`),
      `Authorization: Basic ${SHOWN}`,
    )
  })

  it('takes a short one for a word of its own, and a very short one for nothing but a value', () => {
    assert.equal(hide('test')('the latest tests: test, pw=test.'), `the latest tests: ${SHOWN}, pw=${SHOWN}.`)
    assert.equal(hide('test')(`Basic ${base64('me:test')} and latest`), `Basic ${SHOWN} and latest`)
    assert.equal(
      hide('a')(`a failure of a task: pw=a, user:a@host, {"pw":"a"}, a=b`),
      `a failure of a task: pw=${SHOWN}, user:${SHOWN}@host, {"pw":"${SHOWN}"}, a=b`,
    )
    assert.equal(hide('a')('Error: a\n\tat x'), `Error: ${SHOWN}\n\tat x`)
  })

  it('shows the longest whole, what is no pattern as it is, and a replacement as a text', () => {
    assert.equal(hide('secret-1', 'secret-1-and-more')('<secret-1-and-more>'), `<${SHOWN}>`)
    assert.equal(hide('(a+)+[b]{2}^$|.')('(a+)+[b]{2}^$|. aab'), `${SHOWN} aab`)
    assert.equal(hiding([['hidden-value', '$&$1']])('x hidden-value'), 'x $&$1')
    const key = 'k'.repeat(100_000)
    assert.equal(hide(key)(`100% ${key}`), `100% ${SHOWN}`)
  })
})
