import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openCluster } from '@isthmus/kafka'
import { smallJvm, startJava } from '../apache/apache.ts'
import { javaIsAbsent } from './availability.ts'
import { openEmbedded } from './embedded.ts'
import { runTool, tools } from './java-tool.ts'
import { readAll } from './recovery/read-all.ts'

const skip = javaIsAbsent()
const transfers = fileURLToPath(new URL('java/Transfers.java', import.meta.url))
const TRANSACTIONS = 60

test("Java's transactions over two topics and offsets survive kills of the broker in their middle", {
  skip,
  timeout: 200_000,
}, async () => {
  await using broker = await openEmbedded()
  await using child = await startJava(transfers, [broker.bootstrapServers, `${TRANSACTIONS}`], {
    jvm: smallJvm,
  })
  for (const transaction of [9, 20, 31, 42, 53]) {
    await child.printed(`open ${transaction}\n`, 60_000)
    await broker.kill()
    await broker.start()
  }
  assert.equal(await child.ended, 0, child.output())
  const said = Object.fromEntries(
    [...child.output().matchAll(/^([a-z ]+): (.*)$/gm)].map(([, name, value]) => [name, value]),
  )
  assert.deepEqual(said, {
    left: 'true',
    right: 'true',
    written: `${TRANSACTIONS * 20}`,
    // of the 59th: the 60th was aborted
    offset: '59',
    fenced: 'ProducerFencedException',
    'after fencing': 'true',
  })
})

test("Kafka's transactional copier copies exactly once, with random aborts and a kill of the broker", {
  skip,
  timeout: 200_000,
}, async () => {
  const records = 20_000
  await using broker = await openEmbedded()
  const servers = ['--bootstrap-server', broker.bootstrapServers]
  await runTool('kafka-producer-perf-test', [
    ...servers,
    ...['--topic', 'from', '--num-records', `${records}`, '--payload-monotonic', '--throughput', '-1'],
  ])
  await runTool('kafka-topics', [...servers, '--create', '--topic', 'to'])
  const args = [
    '--broker-list',
    broker.bootstrapServers,
    '--transactional-id',
    'copier',
    '--consumer-group',
    'copiers',
  ]
  const topics = ['--input-topic', 'from', '--input-partition', '0', '--output-topic', 'to']
  const options = ['--transaction-size', '100', '--enable-random-aborts', '--use-group-metadata']
  await using copier = await startJava(
    tools['transactional-message-copier'],
    [...args, ...topics, ...options],
    {
      jvm: smallJvm,
    },
  )
  await copier.printed(/"consumed":\d{4}/, 60_000)
  await broker.kill()
  await broker.start()
  assert.equal(await copier.ended, 0, copier.output().slice(-4000))
  await using cluster = openCluster({ 'bootstrap.servers': broker.bootstrapServers })
  const textOf = async (topic: string): Promise<string[]> =>
    (await readAll(cluster, topic, 0, 'read_committed')).map(({ text }) => text)
  assert.deepEqual(await textOf('to'), await textOf('from'))
  assert.equal((await textOf('to')).length, records)
})
