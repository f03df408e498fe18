import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { javaIsAbsent } from './availability.ts'
import { type Embedded, openEmbedded } from './embedded.ts'
import { runTool, type tools } from './java-tool.ts'

describe("Java's tools for topics, configs and offsets on the embedded broker", {
  skip: javaIsAbsent(),
}, () => {
  let broker: Embedded
  before(async () => {
    broker = await openEmbedded()
  })
  after(() => broker[Symbol.asyncDispose]())
  const run = (tool: keyof typeof tools, args: readonly string[], input?: string): Promise<string[]> =>
    runTool(tool, ['--bootstrap-server', broker.bootstrapServers, ...args], input)
  const produce = (topic: string, lines: readonly string[]): Promise<string[]> =>
    run('kafka-console-producer', ['--topic', topic], `${lines.join('\n')}\n`)

  test('kafka-topics creates with configs, describes, adds partitions, lists and deletes', async () => {
    const topic = 'orders'
    const configs = ['--config', 'cleanup.policy=compact', '--config', 'segment.bytes=1048576']
    await run('kafka-topics', ['--create', '--topic', topic, '--partitions', '2', ...configs])
    const described = await run('kafka-topics', ['--describe', '--topic', topic])
    assert.match(
      described[0] ?? '',
      /PartitionCount: 2\tReplicationFactor: 1\tConfigs: .*cleanup.policy=compact/,
    )
    assert.match(described[0] ?? '', /segment.bytes=1048576/)
    await run('kafka-topics', ['--alter', '--topic', topic, '--partitions', '4'])
    const altered = await run('kafka-topics', ['--describe', '--topic', topic])
    assert.equal(altered.length, 5, altered.join('\n'))
    assert.match(altered[4] ?? '', /Partition: 3\tLeader: 1\tReplicas: 1\tIsr: 1/)
    assert.ok((await run('kafka-topics', ['--list'])).includes(topic))
    await run('kafka-topics', ['--delete', '--topic', topic])
    assert.ok(!(await run('kafka-topics', ['--list'])).includes(topic))
  })

  test('kafka-configs sets, shows and removes the configs of a topic', async () => {
    const entity = ['--entity-type', 'topics', '--entity-name', 'configured']
    await run('kafka-topics', ['--create', '--topic', 'configured'])
    await run('kafka-configs', [
      ...entity,
      '--alter',
      '--add-config',
      'retention.ms=123456,max.message.bytes=2000000',
    ])
    const set = (await run('kafka-configs', [...entity, '--describe'])).join('\n')
    assert.match(
      set,
      /^ {2}retention\.ms=123456 sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:retention\.ms=123456/m,
    )
    assert.match(set, /^ {2}max\.message\.bytes=2000000 /m)
    await run('kafka-configs', [...entity, '--alter', '--delete-config', 'retention.ms'])
    const left = (await run('kafka-configs', [...entity, '--describe'])).join('\n')
    assert.doesNotMatch(left, /retention\.ms/)
    assert.match(left, /max\.message\.bytes=2000000/)
  })

  test('kafka-get-offsets and kafka-delete-records move and show the ends of a log', async () => {
    const topic = 'offsets'
    await produce(topic, ['a', 'b', 'c'])
    const offsetAt = (time: string): Promise<string[]> =>
      run('kafka-get-offsets', ['--topic', topic, '--time', time])
    assert.deepEqual(await offsetAt('-1'), ['offsets:0:3'])
    assert.deepEqual(await offsetAt('-2'), ['offsets:0:0'])
    assert.deepEqual(await offsetAt('1'), ['offsets:0:0'])
    assert.equal((await offsetAt('-3'))[0]?.slice(0, 10), 'offsets:0:')
    const file = broker.dir.at('delete.json')
    await writeFile(file, JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset: 2 }] }))
    const deleted = await run('kafka-delete-records', ['--offset-json-file', file])
    assert.ok(deleted.includes('partition: offsets-0\tlow_watermark: 2'), deleted.join('\n'))
    assert.deepEqual(await offsetAt('-2'), ['offsets:0:2'])
    assert.deepEqual(await offsetAt('-1'), ['offsets:0:3'])
  })
})
