import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { consumerProps, producerProps } from './clients.ts'
import { overridesOf } from './override-policy.ts'
import { parseSink } from './sink.ts'
import { topicTemplates } from './topic-creation.ts'
import { resolveVariables, withVariables } from './variables.ts'
import { parseStandalone, workerId } from './worker.ts'

const least = {
  'bootstrap.servers': 'a:1',
  'key.converter': 'Json',
  'value.converter': 'Json',
  'offset.storage.file.filename': '/tmp/o',
}

describe('worker properties', () => {
  it('have the defaults of Java', () => {
    const config = parseStandalone(least)
    assert.equal(config['offset.flush.interval.ms'], 60_000)
    assert.equal(config['task.shutdown.graceful.timeout.ms'], 5000)
    assert.equal(workerId(config, 'host'), 'host:8083')
    assert.equal(
      workerId(parseStandalone({ ...least, listeners: 'http://[::1]:9,https://x:2' }), 'host'),
      '::1:9',
    )
  })

  it('are refused in the words of Java', () => {
    const { 'bootstrap.servers': _, ...missing } = least
    const refused = (props: { [name: string]: string }, message: string | RegExp) =>
      assert.throws(() => parseStandalone(props), { code: 'config', message })
    refused(missing, 'Missing required configuration "bootstrap.servers" which has no default value.')
    refused(
      { ...least, 'offset.flush.interval.ms': 'soon' },
      'Invalid value soon for configuration offset.flush.interval.ms: Not a number of type LONG',
    )
    refused(
      { ...least, 'offset.storage.file.filename': '' },
      'Invalid value  for configuration offset.storage.file.filename: String must be non-empty',
    )
    for (const path of ['', ' '])
      refused(
        { ...least, 'plugin.path': path },
        "Configuration 'plugin.path' must not be empty. Valid values include: any non-empty value",
      )
    refused({ ...least, 'plugin.path': '/a,' }, "Configuration 'plugin.path' values must not be empty.")
    refused({ ...least, 'plugin.discovery': 'x' }, /Invalid plugin\.discovery value, must be one of/)
  })
})

describe('sink properties', () => {
  it('name topics in one way, outside the dead letter queue', () => {
    const sink = (props: { [name: string]: string }) => () =>
      parseSink({ name: 's', 'connector.class': 'c', ...props })
    assert.throws(sink({}), { message: /Must configure one of topics or topics\.regex/ })
    assert.throws(sink({ topics: 'a', 'topics.regex': 'b' }), { message: /mutually exclusive/ })
    assert.throws(sink({ topics: 'a,d', 'errors.deadletterqueue.topic.name': 'd' }), {
      message:
        "Invalid value a,d for configuration topics: The DLQ topic 'd' may not be included in the list of topics ('topics=[a, d]') consumed by the connector",
    })
    assert.throws(sink({ 'topics.regex': 'd.*', 'errors.deadletterqueue.topic.name': 'dlq' }), {
      message: /may not be matched by the regex/,
    })
    assert.throws(sink({ 'topics.regex': '(', 'errors.deadletterqueue.topic.name': 'x' }), {
      message: /Invalid regex/,
    })
    assert.deepEqual(sink({ topics: 'a, b' })().topics, ['a', 'b'])
  })
})

describe('properties of clients', () => {
  const of = { connector: 'c', task: 2 }
  it('come from the worker, then the connector', () => {
    const worker = {
      ...least,
      'producer.linger.ms': '7',
      'consumer.group.id': 'mine',
      'security.protocol': 'SSL',
    }
    const connector = { 'producer.override.linger.ms': '9', 'consumer.override.max.poll.records': '5' }
    const producer = producerProps({ worker, connector }, of)
    assert.equal(producer['linger.ms'], '9')
    assert.equal(producer['client.id'], 'connector-producer-c-2')
    assert.equal(producer['security.protocol'], undefined)
    const consumer = consumerProps({ worker, connector }, of)
    assert.equal(consumer['group.id'], 'mine')
    assert.equal(consumer['max.poll.records'], '5')
    assert.equal(consumer['auto.offset.reset'], 'earliest')
  })

  it('make an idempotent producer, unless that is turned off: then one request at a time keeps the order', () => {
    const of5 = producerProps({ worker: least, connector: {} }, of)
    assert.deepEqual([of5['enable.idempotence'], of5['max.in.flight.requests.per.connection']], ['true', '5'])
    for (const off of [{ 'producer.enable.idempotence': 'false' }, { 'producer.acks': '1' }]) {
      const props = producerProps({ worker: { ...least, ...off }, connector: {} }, of)
      assert.deepEqual(
        [props['enable.idempotence'], props['max.in.flight.requests.per.connection']],
        ['false', '1'],
      )
    }
  })
})

describe('the policy for overrides', () => {
  const connector = {
    'producer.override.linger.ms': '1',
    'consumer.override.sasl.mechanism': 'PLAIN',
    topic: 't',
  }
  const refused = (policy: string) =>
    overridesOf(connector, {
      'connector.client.config.override.policy': policy,
      'connector.client.config.override.allowlist': 'linger.ms',
    }).flatMap(({ error }) => error ?? [])
  it('names what it does not allow', () => {
    const text = (policy: string, key: string) =>
      `The '${policy}' policy does not allow '${key}' to be overridden in the connector configuration.`
    assert.deepEqual(refused('All'), [])
    assert.deepEqual(refused('None'), [text('None', 'linger.ms'), text('None', 'sasl.mechanism')])
    assert.deepEqual(refused('org.x.PrincipalConnectorClientConfigOverridePolicy'), [
      text('Principal', 'linger.ms'),
    ])
    assert.deepEqual(refused('Allowlist'), [text('Allowlist', 'sasl.mechanism')])
  })
})

describe('topic creation', () => {
  it('takes the first group that matches, else the default', () => {
    const templates = topicTemplates(
      {
        'topic.creation.default.partitions': '3',
        'topic.creation.default.replication.factor': '-1',
        'topic.creation.default.cleanup.policy': 'compact',
        'topic.creation.big.include': 'big.*, huge',
        'topic.creation.big.exclude': 'bigger',
        'topic.creation.big.partitions': '30',
      },
      ['big', 'default'],
    )!
    assert.deepEqual(templates('big1'), { name: 'big1', partitions: 30, replicationFactor: -1, configs: {} })
    assert.equal(templates('huge').partitions, 30)
    assert.deepEqual(templates('bigger'), {
      name: 'bigger',
      partitions: 3,
      replicationFactor: -1,
      configs: { 'cleanup.policy': 'compact' },
    })
  })
  it('is off without properties, and needs the two numbers of the default group with any', () => {
    assert.equal(topicTemplates({ topic: 'x' }, []), null)
    assert.throws(
      () =>
        topicTemplates(
          {
            'topic.creation.default.partitions': '1',
            'topic.creation.default.replication.factor': '1',
            'topic.creation.g.include': 'a.*,[b',
          },
          ['g'],
        ),
      {
        message:
          'Invalid value [a.*, [b] for configuration topic.creation.g.include: Syntax error in regular expression: ' +
          'Unclosed character class near index 1\n[b\n ^',
      },
    )
    assert.throws(() => topicTemplates({ 'topic.creation.default.partitions': '1' }, []), {
      message:
        'Missing required configuration "topic.creation.default.replication.factor" which has no default value.',
    })
  })
})

describe('variables', () => {
  const asked: [string, readonly string[]][] = []
  const providers = new Map([
    [
      'p',
      {
        get(path: string, keys: readonly string[]) {
          asked.push([path, keys])
          // biome-ignore lint/suspicious/noTemplateCurlyInString: an answer that looks like a variable
          return { values: { k: `<${path}>`, again: '${p:k}' }, ttlMs: path === 'f' ? 50 : 100 }
        },
      },
    ],
  ])
  it('are replaced, one question a path; what nobody knows stays', async () => {
    const props = {
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are Connect's variables
      a: 'x ${p:f:k} ${p:k}',
      b: '${p:f:absent} ${q:k} ${p:again}',
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: until here
      c: 'plain',
    }
    const resolved = await resolveVariables(props, providers)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what stays
    assert.deepEqual(resolved.props, { a: 'x <f> <>', b: '${p:f:absent} ${q:k} ${p:k}', c: 'plain' })
    assert.equal(resolved.ttlMs, 50)
    assert.deepEqual(asked, [
      ['f', ['k', 'absent']],
      ['', ['k', 'again']],
    ])
  })
  it('go into stored task configs, not what they stand for', () => {
    assert.deepEqual(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable
      withVariables({ password: 'secret', own: 'x' }, { password: '${p:k}', own: 'y' }),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable
      { password: '${p:k}', own: 'x' },
    )
  })
})
