import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../errors.ts'
import { parseJaas } from './jaas.ts'

const read: readonly [string, string, { [key: string]: string }][] = [
  ['a.b.Module required;', 'a.b.Module', {}],
  ['a.b.Module required username="u" password="p";', 'a.b.Module', { username: 'u', password: 'p' }],
  [`M OPTIONAL u='it is "so"' p="a'b";`, 'M', { u: 'it is "so"', p: "a'b" }],
  ['M required p="a\\"b\\\\c;d=e //f";', 'M', { p: 'a"b\\c;d=e //f' }],
  ['M required p="\\101\\n\\t\\q";', 'M', { p: 'A\n\tq' }],
  ['M required\n  a = "1"  // a comment; x="2"\n  /* b="3" */ c=word ;', 'M', { a: '1', c: 'word' }],
  [
    'M required unsecuredLoginStringClaim_sub="é €" empty="";',
    'M',
    { unsecuredLoginStringClaim_sub: 'é €', empty: '' },
  ],
]
for (const [config, name, options] of read)
  test(`reads ${JSON.stringify(config)}`, () => {
    assert.deepEqual(parseJaas(config), { name, options })
  })

const refused: readonly [string, string][] = [
  ['', 'Login module not specified in JAAS config'],
  ['M', 'Login module control flag not specified in JAAS config'],
  ['M maybe;', "Invalid login module control flag 'maybe' in JAAS config"],
  ['M required username="u"', 'JAAS config entry not terminated by semi-colon'],
  ['M required username;', "Value not specified for key 'username' in JAAS config"],
  ['M required password=;', "Value not specified for key 'password' in JAAS config"],
  ['M required password="a"secret"b";', 'Value not specified for a key in JAAS config'],
  ['M required password=a;b secret;', 'Invalid login module control flag in JAAS config'],
  ['M required; N required;', 'JAAS config property contains 2 login modules, should be 1 module'],
  ['M required password="secret;', 'Quote not closed at character 21 of the JAAS config'],
]
for (const [config, problem] of refused)
  test(`refuses ${JSON.stringify(config)} in Java's words, without the password`, () => {
    assert.throws(
      () => parseJaas(config),
      (error) =>
        error instanceof KafkaError &&
        error.kafka === 'CONFIG' &&
        error.message.endsWith(problem) &&
        !error.message.includes('secret'),
    )
  })

test('a configuration that is made to be slow to read is read at once', { timeout: 20_000 }, () => {
  assert.throws(() => parseJaas(`M required ${'/* '.repeat(1_000_000)}`), /not terminated/)
})
