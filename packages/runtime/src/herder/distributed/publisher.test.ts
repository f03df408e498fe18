import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loggerOf, silent } from '../../log/log.ts'
import { until } from '../../testing/until.ts'
import { openPublisher, type PublisherParts } from './publisher.ts'
import { verifySignature } from './signatures.ts'

const key = { key: Buffer.from('k'.repeat(32)), algorithm: 'HmacSHA256', createdMs: 0 }
const tasks = [{ a: '1' }, { a: '2' }]

function publisherOf(parts: Partial<PublisherParts> = {}) {
  const sent: { url: string; body: string }[] = []
  const publisher = openPublisher({
    leads: () => false,
    leaderUrl: () => 'http://leader:8083/',
    store: async () => assert.fail('stored'),
    async send(url, { method, headers, body = new Uint8Array() }) {
      assert.equal(method, 'POST')
      const {
        'X-Connect-Authorization': signature = null,
        'X-Connect-Request-Signature-Algorithm': algorithm = null,
      } = headers
      verifySignature({ body, signature, algorithm }, key, ['HmacSHA256'])
      sent.push({ url, body: Buffer.from(body).toString() })
      return { status: 204, headers: {}, body: new Uint8Array() }
    },
    sessionKey: () => key,
    algorithm: 'HmacSHA256',
    wanted: () => true,
    log: loggerOf(silent, 'test'),
    ...parts,
  })
  return { publisher, sent }
}

describe('task configs of a connector', () => {
  it('go to the leader, signed', async () => {
    const { publisher, sent } = publisherOf()
    await using _ = publisher
    publisher.publish('a b', tasks)
    await until(() => sent.length === 1)
    assert.deepEqual(sent, [
      { url: 'http://leader:8083/connectors/a%20b/tasks', body: '[{"a":"1"},{"a":"2"}]' },
    ])
  })

  it('are stored by the leader itself', async () => {
    const stored: unknown[] = []
    const { publisher, sent } = publisherOf({
      leads: () => true,
      store: async (name, configs) => void stored.push(name, configs),
    })
    await using _ = publisher
    publisher.publish('c', tasks)
    await until(() => stored.length === 2)
    assert.deepEqual([stored, sent], [['c', tasks], []])
  })

  it('are sent again until they arrive, to whoever leads then', async () => {
    let leads = false
    let attempts = 0
    const stored: unknown[] = []
    const { publisher } = publisherOf({
      leads: () => leads,
      store: async (name) => void stored.push(name),
      async send() {
        attempts++
        leads = attempts === 2
        if (attempts === 1) throw new Error('refused')
        return { status: 403, headers: {}, body: Buffer.from('{"error_code":403,"message":"no"}') }
      },
    })
    await using _ = publisher
    publisher.publish('c', tasks)
    await until(() => stored.length === 1)
    assert.equal(attempts, 2)
  })

  it('are dropped when others take their place, and when the connector goes', async () => {
    let wanted = true
    const bodies: string[] = []
    const { publisher } = publisherOf({
      wanted: () => wanted,
      async send(_, { body }) {
        bodies.push(String(body))
        wanted = bodies.length < 2
        return { status: 500, headers: {}, body: new Uint8Array() }
      },
    })
    publisher.publish('c', [{ old: '1' }])
    publisher.publish('c', [{ new: '1' }])
    await until(() => bodies.length === 2)
    await publisher[Symbol.asyncDispose]()
    assert.deepEqual(bodies, ['[{"old":"1"}]', '[{"new":"1"}]'])
  })
})
