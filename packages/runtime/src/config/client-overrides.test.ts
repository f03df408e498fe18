import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clientsOf, overrideInfos } from './client-overrides.ts'

describe('client properties that a connector overrides', () => {
  it('count for the clients that its tasks have', () => {
    const letters = { 'errors.deadletterqueue.topic.name': 'dlq' }
    assert.deepEqual(clientsOf('source', {}), ['producer'])
    assert.deepEqual(clientsOf('source', { 'topic.creation.groups': '' }), ['producer', 'admin'])
    assert.deepEqual(clientsOf('source', letters), ['producer', 'admin'])
    const own = { 'offsets.storage.topic': 'own' }
    assert.deepEqual(clientsOf('source', own), ['producer'])
    assert.deepEqual(clientsOf('source', own, 'group'), ['producer', 'consumer', 'admin'])
    assert.deepEqual(clientsOf('sink', {}), ['consumer'])
    assert.deepEqual(clientsOf('sink', letters), ['producer', 'consumer', 'admin'])
  })

  it("are shown with Kafka's definition, passwords hidden, and what is wrong with them", () => {
    const [producer, ...others] = overrideInfos(
      'source',
      {
        'producer.override.ssl.key.password': 'sesame',
        'producer.override.linger.ms': 'soon',
        'producer.override.of.my.own': 'x',
        'consumer.override.group.id': 'not shown: a source has no consumer',
      },
      { 'connector.client.config.override.policy': 'None' },
    )
    assert.deepEqual(others, [])
    const refused = (name: string) =>
      `The 'None' policy does not allow '${name}' to be overridden in the connector configuration.`
    assert.equal(producer?.error_count, 3)
    assert.deepEqual(
      producer?.configs.map(({ definition, value }) => [
        value.name,
        definition?.type ?? null,
        definition?.default_value ?? null,
        value.value,
        value.errors,
      ]),
      [
        ['producer.override.ssl.key.password', 'PASSWORD', null, '[hidden]', [refused('ssl.key.password')]],
        [
          'producer.override.linger.ms',
          'LONG',
          '0',
          'soon',
          [refused('linger.ms'), 'Invalid value soon for configuration linger.ms: Not a number of type LONG'],
        ],
        ['producer.override.of.my.own', null, null, 'x', [refused('of.my.own')]],
      ],
    )
  })
})
