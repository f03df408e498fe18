import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openCluster, openTransactionalProducer } from '@isthmus/kafka'
import { enqueue } from '@isthmus/kafka/testing'
import { smallJvm, startJava } from '../apache/apache.ts'
import { javaIsAbsent } from './availability.ts'
import { type Embedded, openEmbedded } from './embedded.ts'
import { runTool, tools } from './java-tool.ts'

/** The words of the line that begins with the given ones. */
const wordsAfter = (lines: readonly string[], ...first: readonly string[]): string[] => {
  const found = lines
    .map((line) => line.trim().split(/\s+/))
    .find((words) => first.every((w, i) => words[i] === w))
  assert.ok(found, `no line begins with ${first.join(' ')}:\n${lines.join('\n')}`)
  return found.slice(first.length)
}

describe("Java's tools for groups and transactions on the embedded broker", { skip: javaIsAbsent() }, () => {
  let broker: Embedded
  before(async () => {
    broker = await openEmbedded()
  })
  after(() => broker[Symbol.asyncDispose]())
  const run = (tool: keyof typeof tools, args: readonly string[], input?: string): Promise<string[]> =>
    runTool(tool, ['--bootstrap-server', broker.bootstrapServers, ...args], input)
  const produce = (topic: string, lines: readonly string[]): Promise<string[]> =>
    run('kafka-console-producer', ['--topic', topic], `${lines.join('\n')}\n`)

  test('console producer and consumer carry keys, headers and text through a group', async () => {
    const topic = 'console'
    const properties = ['parse.key=true', 'parse.headers=true'].flatMap((p) => ['--reader-property', p])
    const sent = ['h:1\tk1\tone', 'h:2\tk2\tzwei häßlich', 'h:3\tk3\t🚢']
    await run('kafka-console-producer', ['--topic', topic, ...properties], `${sent.join('\n')}\n`)
    const print = ['key', 'headers', 'offset'].flatMap((p) => ['--formatter-property', `print.${p}=true`])
    const consume = ['--topic', topic, '--from-beginning', '--group', 'console-group', '--max-messages']
    const read = await run('kafka-console-consumer', [...consume, '2', ...print])
    assert.ok(read.includes('Offset:0\th:1\tk1\tone'), read.join('\n'))
    assert.ok(read.includes('Offset:1\th:2\tk2\tzwei häßlich'), read.join('\n'))
    // the group goes on where it was
    const rest = await run('kafka-console-consumer', [...consume, '1', ...print])
    assert.ok(rest.includes('Offset:2\th:3\tk3\t🚢'), rest.join('\n'))
    assert.ok(!rest.some((line) => line.includes('Offset:0')), rest.join('\n'))
  })

  test('kafka-consumer-groups lists, describes, resets and deletes', async () => {
    const [topic, group] = ['grouped', 'readers']
    await produce(topic, ['a', 'b', 'c', 'd'])
    const consumer = ['--bootstrap-server', broker.bootstrapServers, '--topic', topic, '--group', group]
    {
      await using live = await startJava(tools['kafka-console-consumer'], [...consumer, '--from-beginning'], {
        jvm: smallJvm,
      })
      await live.printed(/^d$/m, 60_000)
      const members = await run('kafka-consumer-groups', ['--describe', '--group', group, '--members'])
      assert.equal(wordsAfter(members, group)[3], '1', 'one partition')
      const state = await run('kafka-consumer-groups', ['--describe', '--group', group, '--state'])
      assert.deepEqual(wordsAfter(state, group).slice(-3), ['range', 'Stable', '1'])
      live.kill('SIGTERM')
      await live.ended
    }
    const described = await run('kafka-consumer-groups', ['--describe', '--group', group])
    assert.deepEqual(wordsAfter(described, group, topic), ['0', '4', '4', '0', '-', '-', '-'])
    assert.deepEqual(wordsAfter(await run('kafka-consumer-groups', ['--list', '--state']), group), ['Empty'])
    const reset = ['--group', group, '--topic', topic, '--reset-offsets', '--to-offset', '1', '--execute']
    assert.deepEqual(wordsAfter(await run('kafka-consumer-groups', reset), group, topic), ['0', '1'])
    const after = await run('kafka-consumer-groups', ['--describe', '--group', group])
    assert.deepEqual(wordsAfter(after, group, topic).slice(0, 4), ['0', '1', '4', '3'])
    await run('kafka-consumer-groups', ['--delete', '--group', group])
    assert.ok(!(await run('kafka-consumer-groups', ['--list'])).includes(group))
  })

  test('kafka-transactions shows an open transaction and its end', async () => {
    const topic = 'transferred'
    await run('kafka-topics', ['--create', '--topic', topic])
    const about = (verb: string, ...args: readonly string[]): Promise<string[]> =>
      run('kafka-transactions', [verb, ...args])
    const client = { 'bootstrap.servers': broker.bootstrapServers, 'transaction.timeout.ms': '300000' }
    await using cluster = openCluster(client)
    await using producer = await openTransactionalProducer<null>(
      cluster,
      { ...client, 'transactional.id': 'slow' },
      { acknowledged: ({ error }) => assert.equal(error, null) },
    )
    producer.begin()
    await enqueue(producer, topic, 0, 'of a transaction', null)
    await producer.flush()
    assert.match((await about('list')).join('\n'), /^slow\s.*Ongoing/m)
    const described = await about('describe', '--transactional-id', 'slow')
    assert.match(described.join('\n'), /\bslow\b.*\bOngoing\b.*\btransferred-0\b/)
    const producers = await about('describe-producers', '--topic', topic, '--partition', '0')
    assert.equal(producers.length, 2, producers.join('\n'))
    await producer.commit()
    assert.match((await about('list')).join('\n'), /^slow\s.*CompleteCommit/m)
  })
})
