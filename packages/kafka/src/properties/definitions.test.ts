import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sslOptions } from '@isthmus/tls'
import { clientProperties, saslProperties } from './client.ts'
import { consumerProperties } from './consumer.ts'
import { clientDefinitions } from './definitions.ts'
import { unknownProperties } from './known.ts'
import { producerProperties } from './producer.ts'
import type { Table } from './types.ts'

const definitions = clientDefinitions()
/** Java's default is the platform's, or to be given. */
const WITHOUT_DEFAULT = /^(sasl\.login\.(connect|read)\.timeout\.ms|bootstrap\.servers)$/

for (const [what, table, clients] of [
  ['of a producer', producerProperties, ['producer']],
  ['of a consumer', { ...clientProperties, ...consumerProperties }, ['consumer']],
  ['of an administrator', clientProperties, ['admin']],
  ['of SASL', saslProperties, ['producer', 'consumer', 'admin']],
] as const)
  test(`what properties ${what} mean here is of the type that they have in Java, by the default that is shown`, () => {
    for (const client of clients)
      for (const [name, property] of Object.entries(table as Table)) {
        const definition = definitions[client][name]
        // what all clients share here, some of Java's lack
        if (definition === undefined) {
          assert.ok(name in clientProperties, `${client} has no ${name} in Java`)
          continue
        }
        const [type, , fallback] = definition
        if (/^(INT|LONG|SHORT|DOUBLE)$/.test(type))
          assert.throws(() => property.parse('x', name), { message: new RegExp(`a number of type ${type}$`) })
        // an administrator's connections are closed sooner in Java; here all clients may share one
        if (WITHOUT_DEFAULT.test(name) || (client === 'admin' && name === 'connections.max.idle.ms')) continue
        const shown = fallback?.replaceAll('class ', '') ?? null
        const expected = shown === null ? null : property.parse(shown, name)
        assert.deepEqual(property.fallback, expected, `${client} ${name}`)
      }
  })

test('the defaults of TLS are those that are shown', () => {
  for (const [name, value] of Object.entries(sslOptions({}))) {
    // of servers alone
    if (name === 'ssl.client.auth') continue
    const fallback = definitions.producer[name]?.[2]
    assert.equal(Array.isArray(value) ? value.join(',') : value, fallback, name)
  }
})

test('every name that Java defines is known', () => {
  for (const defined of Object.values(definitions))
    assert.deepEqual(
      unknownProperties(Object.fromEntries(Object.keys(defined).map((name) => [name, '']))),
      [],
    )
})
