import { appendFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { javaConnectDistributed } from '../apache/apache.ts'
import { eventually } from '../process/eventually.ts'
import { arrivedAtLeastOnce, endsWith, readLines, sizeOf, textOf } from '../process/lines.ts'
import { javaIsAbsent } from './availability.ts'
import { openEmbedded } from './embedded.ts'

const STRINGS = 'org.apache.kafka.connect.storage.StringConverter'
const LINES = 40_000

const workerOf = (bootstrapServers: string) => ({
  'bootstrap.servers': bootstrapServers,
  'group.id': 'java-connect',
  'key.converter': STRINGS,
  'value.converter': STRINGS,
  'offset.flush.interval.ms': '500',
  'scheduled.rebalance.max.delay.ms': '0',
  ...Object.fromEntries(
    ['offset', 'config', 'status'].flatMap((kind) => [
      [`${kind}.storage.topic`, `java-connect-${kind}s`],
      [`${kind}.storage.replication.factor`, '1'],
    ]),
  ),
})

test('Java Connect in distributed mode copies a file through our broker, which is killed on the way', {
  skip: javaIsAbsent(),
}, async () => {
  await using broker = await openEmbedded()
  const { dir } = broker
  await using java = await javaConnectDistributed({
    dir: dir.path,
    worker: workerOf(broker.bootstrapServers),
  })
  const rest = async (method: string, path: string, body?: object): Promise<Response | null> =>
    fetch(java.rest + path, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(100_000),
    }).catch(() => null)
  await eventually('Java Connect is ready', async () => (await rest('GET', '/health'))?.ok, 120_000)

  // ASCII: Java's file source counts characters and skips bytes, so that a restarted task would begin within a line of other text
  const lines = Array.from({ length: LINES }, (_, i) => `${i} line of text ${'x'.repeat(i % 50)}`)
  const bytes = Buffer.byteLength(textOf(lines))
  const [input, output] = [dir.at('input'), dir.at('output')]
  await writeFile(input, textOf(lines.slice(0, LINES / 2)))
  const common = { 'tasks.max': '1', 'errors.retry.timeout': '-1' }
  const source = { 'connector.class': 'FileStreamSource', file: input, topic: 'copied', ...common }
  const sink = { 'connector.class': 'FileStreamSink', file: output, topics: 'copied', ...common }
  for (const [name, config] of Object.entries({ source, sink }))
    await eventually(`${name} is created`, async () => {
      // 409 while the worker rebalances
      const status = (await rest('PUT', `/connectors/${name}/config`, config))?.status
      return status === 201 || status === 200
    })
  await eventually('half of it is on its way', async () => (await sizeOf(output)) > bytes / 10, 60_000)

  await broker.kill()
  await appendFile(input, textOf(lines.slice(LINES / 2)))
  await broker.start()

  await eventually('the last line arrives', () => endsWith(output, lines.at(-1) ?? ''), 120_000)
  arrivedAtLeastOnce(await readLines(output), lines)
  for (const name of ['source', 'sink'])
    await eventually(`${name} and its task run`, async () => {
      const status = (await (await rest('GET', `/connectors/${name}/status`))?.json()) as Status | undefined
      return status?.connector?.state === 'RUNNING' && status.tasks?.[0]?.state === 'RUNNING'
    })
})

/** Both are absent in the body of an error. */
interface Status {
  readonly connector?: { readonly state: string }
  readonly tasks?: readonly { readonly state: string }[]
}
