import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openInside } from '../host/inside/inside.ts'
import type { FromHost } from '../host/messages.ts'
import { fakeKafka } from '../testing/fake-kafka.ts'
import { testPlugins } from '../testing/plugins.ts'

it('a task does not start with client properties that the policy of its worker refuses', async () => {
  const ended = Promise.withResolvers<void>()
  const messages: FromHost[] = []
  const inside = openInside({
    kafka: async () => fakeKafka(),
    send(message) {
      messages.push(message)
      if (message.type === 'ended') ended.resolve()
    },
  })
  const config = {
    name: 'c',
    'connector.class': 'test.WordsConnector',
    'producer.override.acks': '0',
    'producer.override.linger.ms': '1',
  }
  inside.receive({
    type: 'open',
    instance: 1,
    spec: {
      kind: 'task',
      connector: 'c',
      connectorConfig: config,
      taskConfig: config,
      task: 0,
      taskCount: 1,
      target: 'STARTED',
      worker: {
        props: {
          'bootstrap.servers': 'nowhere:1',
          'key.converter': 'Text',
          'value.converter': 'Text',
          'connector.client.config.override.policy': 'Allowlist',
          'connector.client.config.override.allowlist': 'linger.ms',
        },
        clusterId: null,
        plugins: testPlugins,
      },
    },
  })
  await ended.promise
  const states = messages.flatMap((message) => (message.type === 'state' ? [message] : []))
  assert.deepEqual(
    states.map(({ state, message }) => [state, message]),
    [
      [
        'FAILED',
        "Client Config Overrides not allowed: The 'Allowlist' policy does not allow 'acks' to be overridden in the connector configuration.",
      ],
    ],
  )
})
