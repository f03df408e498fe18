import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { descriptorsOf } from '@isthmus/runtime/testing'
import { openGroup } from '../cluster/cluster.ts'
import { eventually } from '../process/eventually.ts'
import { newTopic } from '../process/file-copy.ts'
import { brokers, openScriptWorker, type ScriptWorker } from './script-worker.ts'

const keeper = (type: 'Source' | 'Sink', calls: readonly unknown[], more: object = {}) => ({
  'connector.class': `test.Keeper${type}`,
  ...(type === 'Sink' && { topics: 'nothing' }),
  calls: JSON.stringify(calls),
  ...more,
})
/** What the connector of the name has logged of its calls, once it has said `last`. */
const told = async ({ lines }: Pick<ScriptWorker, 'lines'>, name: string, last: RegExp) =>
  await eventually(`${name} says ${last}`, () => {
    const own = lines.flatMap((line) => (line.includes(`[${name}|`) ? [line] : []))
    return own.some((line) => last.test(line)) && own
  })
const saying = (lines: readonly string[], text: string): boolean => lines.some((line) => line.includes(text))

for (const { name, servers } of brokers)
  describe(`Kafka's administration in the hands of plugins, on ${name}`, () => {
    for (const type of ['Source', 'Sink'] as const)
      test(`the connector and the task of a ${type.toLowerCase()} create topics, and set and read offsets of groups`, async () => {
        await using worker = await openScriptWorker(servers)
        const [topic, group] = [newTopic(), `restored-${newTopic()}`]
        const offsets = [{ topic, partition: 1, offset: 42 }]
        const calls = [
          [
            'connector',
            'createTopics',
            [{ name: topic, partitions: 2, config: { 'cleanup.policy': 'compact' } }],
          ],
          ['connector', 'alterGroupOffsets', group, offsets],
          ['task', 'createTopics', [{ name: topic, partitions: 5 }]],
          ['task', 'topics', [topic, `${topic}-none`]],
          ['task', 'groupOffsets', group],
          ['task', 'groups'],
        ]
        await worker.client.put('keeper', keeper(type, calls))
        const lines = await told(worker, 'keeper', /task groups: /)
        for (const text of [
          `connector createTopics: ["${topic}"]`,
          'task createTopics: []',
          `task topics: {"${topic}":{"partitions":2}}`,
          `task groupOffsets: ${JSON.stringify([{ topic, partition: 1, offset: 42 }])}`,
        ])
          assert.ok(saying(lines, text), text)
        assert.match(lines.find((line) => line.includes('task groups: ')) ?? '', new RegExp(`"${group}"`))
        assert.deepEqual(await worker.admin.groupOffsets(group), offsets)
        assert.equal((await worker.admin.topicConfigs(topic)).get('cleanup.policy'), 'compact')
      })

    test('what a connector overrides is the client’s, and is refused where the policy does not allow it', async () => {
      const calls = [
        ['connector', 'groups'],
        ['task', 'groups'],
      ]
      const overrides = {
        'admin.override.bootstrap.servers': '127.0.0.1:1',
        'admin.override.default.api.timeout.ms': '300',
        'admin.override.request.timeout.ms': '200',
      }
      {
        await using worker = await openScriptWorker(servers)
        await worker.client.put('elsewhere', keeper('Source', calls, overrides))
        const lines = await told(worker, 'elsewhere', /task groups refused/)
        for (const who of ['connector', 'task'])
          assert.ok(saying(lines, `${who} groups refused, retriable: Could not list the consumer groups: `))
        assert.ok(saying(lines, '127.0.0.1:1'))
      }
      await using worker = await openScriptWorker(servers, {
        'connector.client.config.override.policy': 'Principal',
      })
      await worker.client.put('refused', keeper('Sink', calls, overrides))
      const lines = await told(worker, 'refused', /task groups refused/)
      for (const who of ['connector', 'task'])
        assert.ok(saying(lines, `${who} groups refused, connect: Client Config Overrides not allowed: `))
    })
  })

test('a call that hangs on a broker without a word is given up when the stop of its task takes too long', async () => {
  await using silent = await openSilentServer()
  await using worker = await openScriptWorker(null, { 'task.shutdown.graceful.timeout.ms': '300' })
  const config = keeper('Source', [['task', 'groups']], {
    'admin.override.bootstrap.servers': silent.address,
    // a thread with nothing but the task would be ended before it could say a word
    'task.threads': '1',
  })
  await worker.client.put('hangs', config)
  await told(worker, 'hangs', /task calls groups/)
  await silent.called
  await worker.client.restartTask('hangs', 0)
  await told(worker, 'hangs', /task groups refused, AbortError: /)
  await worker.client.delete('hangs')
  await eventually('it hangs up', () => silent.open() === 0)
})

test('a worker of a group lends it as well', async () => {
  const module = new URL('plugins/keeper/keeper.ts', import.meta.url).href
  await using group = await openGroup(
    1,
    { 'connector.client.config.override.policy': 'None' },
    { plugins: descriptorsOf(await import(module), module, 'classpath') },
  )
  const [member] = group.members
  assert.ok(member)
  const topic = newTopic()
  const calls = [
    ['connector', 'createTopics', [{ name: topic, partitions: 3 }]],
    ['task', 'topics', [topic]],
  ]
  await member.client.put('keeper', keeper('Source', calls))
  const lines = await told(member, 'keeper', /task topics: /)
  assert.ok(saying(lines, `task topics: {"${topic}":{"partitions":3}}`))
  const override = { 'admin.override.retry.backoff.ms': '9' }
  await member.client.put('refused', keeper('Sink', [['task', 'topics', [topic]]], override))
  await told(member, 'refused', /task topics refused, connect: Client Config Overrides not allowed: /)
})

/** Accepts connections and answers nothing. */
async function openSilentServer() {
  const sockets = new Set<Socket>()
  const called = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket
      .on('error', () => {})
      .on('close', () => sockets.delete(socket))
      .resume()
    socket.once('data', () => called.resolve())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    called: called.promise,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
