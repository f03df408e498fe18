import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseConfig } from '@isthmus/sdk'
import { parseHeaderRules } from './header-rules.ts'
import { restDef } from './rest.ts'

/** What Java's `RestServerConfig` said to each value, recorded from 4.3.1. */
const REFUSED: { readonly [name: string]: { readonly [value: string]: string } } = {
  listeners: {
    '': 'Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.',
    '  ': 'Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.',
    'http://a:0,,http://x:1': 'Empty URL found when parsing listeners list.',
  },
  'rest.advertised.port': {
    x: 'Invalid value x for configuration rest.advertised.port: Not a number of type INT',
  },
  'admin.listeners': {
    'http://127.0.0.1:0,': "Configuration 'admin.listeners' values must not be empty.",
  },
  'ssl.client.auth': {
    maybe:
      'Invalid value maybe for configuration ssl.client.auth: String must be one of: required, requested, none',
  },
  'rest.extension.classes': { 'a,': "Configuration 'rest.extension.classes' values must not be empty." },
  'response.http.headers.config': {
    'put X: 1': "Invalid header config action: 'put'. Expected one of [set, add, setDate, addDate]",
    'set X':
      "Invalid format of header name and header value pair 'X'. Expected: '[header name]:[header value]'",
    'set X:':
      "Invalid format of header name and header value pair 'X:'. Expected: '[header name]:[header value]'",
    'set X:1:2':
      "Invalid format of header name and header value pair 'X:1:2'. Expected: '[header name]:[header value]'",
    'set X Y:1': "Invalid header name 'X Y'. The '[header name]' cannot contain whitespace",
    'set :1': "Invalid header name ''. The '[header name]' cannot contain whitespace",
    set: "Invalid format of header config 'set'. Expected: '[action] [header name]:[header value]'",
    'set X:1,,set Y:2':
      "Invalid format of header config ''. Expected: '[action] [header name]:[header value]'",
    'add X:1,bad': "Invalid format of header config 'bad'. Expected: '[action] [header name]:[header value]'",
  },
}

describe('properties of the REST API', () => {
  for (const [name, values] of Object.entries(REFUSED))
    it(`refuse wrong values of ${name} in the words of Java`, () => {
      for (const [value, message] of Object.entries(values))
        assert.throws(() => parseConfig(restDef, { [name]: value }), { code: 'config', message }, value)
    })

  it('have the defaults of Java', () => {
    const { raw: _, ...config } = parseConfig(restDef, {})
    assert.deepEqual(config.listeners, ['http://:8083'])
    assert.equal(config['admin.listeners'], null)
    assert.deepEqual(parseConfig(restDef, { 'admin.listeners': '' })['admin.listeners'], [])
    assert.equal(config['ssl.client.auth'], 'none')
    assert.deepEqual(config['ssl.enabled.protocols'], ['TLSv1.2', 'TLSv1.3'])
    assert.deepEqual(parseConfig(restDef, { 'rest.extension.classes': 'a,a' })['rest.extension.classes'], [
      'a',
    ])
  })

  it('hold rules for headers, which may be quoted', () => {
    assert.deepEqual(parseHeaderRules('  '), [])
    assert.deepEqual(parseHeaderRules('set X : 1, "add Cache-Control: no-cache, no-store",addDATE Z:0'), [
      { action: 'set', date: false, name: 'X', value: '1' },
      { action: 'add', date: false, name: 'Cache-Control', value: 'no-cache, no-store' },
      { action: 'add', date: true, name: 'Z', value: '0' },
    ])
  })
})
