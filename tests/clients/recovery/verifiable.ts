import assert from 'node:assert/strict'
import { type Cluster, openAdmin } from '@isthmus/kafka'
import { smallJvm, startJava } from '../../apache/apache.ts'
import type { Child } from '../../process/child.ts'
import { eventually } from '../../process/eventually.ts'
import { writeProperties } from '../../process/properties-file.ts'
import type { TempDir } from '../../process/temp-dir.ts'
import type { Load } from './load.ts'
import { readAll } from './read-all.ts'

const GROUP = 'verifiable'
const tool = (name: string, args: readonly string[]): Promise<Child> =>
  startJava(`org.apache.kafka.tools.${name}`, args, { jvm: smallJvm, longestMs: 600_000 })

interface Said {
  readonly name: string
  readonly [field: string]: unknown
}

/** What a tool said: one JSON object a line, among what its clients log. */
function saidBy(child: Child, name: string): Said[] {
  const lines = child.output().split('\n').slice(0, -1)
  return lines.filter((line) => line.includes(`"name":"${name}"`)).map((line) => JSON.parse(line) as Said)
}

/**
 * Kafka's own tools for such tests: an idempotent producer that tells each acknowledgement with its offset, and a consumer in a
 * group that tells each commit.
 */
export async function startVerifiable(
  cluster: Cluster,
  bootstrapServers: string,
  topic: string,
  dir: TempDir,
): Promise<Load> {
  await using stack = new AsyncDisposableStack()
  const config = await writeProperties(dir.at('verifiable.properties'), {
    'enable.idempotence': 'true',
    retries: '2147483647',
    'delivery.timeout.ms': '180000',
    'reconnect.backoff.max.ms': '200',
    'linger.ms': '2',
  })
  const common = ['--bootstrap-server', bootstrapServers, '--topic', topic, '--command-config', config]
  const consumerConfig = await writeProperties(dir.at('verifiable-consumer.properties'), {
    'reconnect.backoff.max.ms': '200',
  })
  const producer = stack.use(await tool('VerifiableProducer', [...common, '--throughput', '1000']))
  const consumer = stack.use(
    await tool('VerifiableConsumer', [
      ...common.slice(0, 4),
      ...['--command-config', consumerConfig, '--group-id', GROUP, '--session-timeout', '10000'],
    ]),
  )
  await producer.printed('producer_send_success', 60_000)
  await consumer.printed('offsets_committed', 60_000)
  const owned = stack.move()
  let acks = 0
  return {
    progress: () => producer.output().length + consumer.output().length,
    async stop() {
      producer.kill('SIGTERM')
      assert.equal(await producer.ended, 143, producer.output().slice(-4000))
      acks = saidBy(producer, 'producer_send_success').length
      const committed = async (): Promise<number> =>
        (await openAdmin(cluster).groupOffsets(GROUP, [{ topic, partition: 0 }]))[0]?.offset ?? 0
      const end = (await readAll(cluster, topic, 0, 'read_uncommitted')).length
      await eventually('the group has committed all of it', async () => (await committed()) === end, 60_000)
      consumer.kill('SIGTERM')
      await consumer.ended
    },
    async check() {
      // when asked to end it closes its producer under the thread that sends
      const refused = saidBy(producer, 'producer_send_error').filter(
        (said) => said['message'] !== 'Producer closed while send in progress',
      )
      assert.deepEqual(refused, [])
      const records = await readAll(cluster, topic, 0, 'read_uncommitted')
      assert.ok(records.length >= acks, `${records.length} records, ${acks} acknowledged`)
      assert.deepEqual(
        records.map(({ text }) => text),
        records.map((_, index) => `${index}`),
      )
      for (const said of saidBy(producer, 'producer_send_success'))
        assert.equal(records[said['offset'] as number]?.text, said['value'])
      const commits = saidBy(consumer, 'offsets_committed').filter((said) => said['success'] === true)
      // a commit never falls behind an earlier one, and each batch begins where the one before it ended or a commit stood
      let before = 0
      for (const { offsets } of commits as unknown as { offsets: readonly { offset: number }[] }[]) {
        const offset = offsets[0]?.offset ?? 0
        assert.ok(offset >= before, `commit of ${offset} after ${before}`)
        before = offset
      }
      assert.equal(before, records.length)
      const consumed = saidBy(consumer, 'records_consumed') as unknown as {
        partitions: readonly { minOffset: number; maxOffset: number }[]
      }[]
      let position = 0
      for (const { minOffset, maxOffset } of consumed.flatMap(({ partitions }) => partitions)) {
        assert.ok(minOffset <= position, `${minOffset} was read after ${position}: a gap`)
        position = Math.max(position, maxOffset + 1)
      }
      assert.equal(position, records.length)
      return `${acks} acknowledgements and ${commits.length} group commits of Java's clients`
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
