import assert from 'node:assert/strict'
import { test } from 'node:test'
import { javaIsAbsent } from './availability.ts'
import { openEmbedded } from './embedded.ts'
import { runTool } from './java-tool.ts'

const RECORDS = 200_000

test("Java's performance tools write and read exactly as many records as they say", {
  skip: javaIsAbsent(),
  timeout: 180_000,
}, async (t) => {
  await using broker = await openEmbedded()
  const servers = ['--bootstrap-server', broker.bootstrapServers]
  const total = new Map<string, number>()
  for (const [topic, partitions, compression] of [
    ['perf-plain', '3', 'none'],
    ['perf-lz4', '1', 'lz4'],
    ['perf-zstd', '1', 'zstd'],
  ] as const) {
    await runTool('kafka-topics', [...servers, '--create', '--topic', topic, '--partitions', partitions])
    const properties = ['acks=all', 'batch.size=131072', 'linger.ms=5', `compression.type=${compression}`]
    const command = properties.flatMap((property) => ['--command-property', property])
    const written = await runTool('kafka-producer-perf-test', [
      ...servers,
      ...['--topic', topic, '--num-records', `${RECORDS}`, '--record-size', '100', '--throughput', '-1'],
      ...command,
    ])
    assert.match(written.at(-1) ?? '', new RegExp(`^${RECORDS} records sent`), written.join('\n'))
    t.diagnostic(`${topic}: ${written.at(-1)}`)
    const ends = await runTool('kafka-get-offsets', [...servers, '--topic', topic])
    total.set(
      topic,
      ends.reduce((sum, line) => sum + Number(line.split(':').at(-1)), 0),
    )
    const read = await runTool('kafka-consumer-perf-test', [
      ...servers,
      ...['--topic', topic, '--num-records', `${RECORDS}`, '--hide-header', '--timeout', '30000'],
    ])
    const columns = (read.at(-1) ?? '').split(', ')
    assert.equal(Number(columns[4]), RECORDS, read.join('\n'))
    t.diagnostic(`${topic}: ${columns[5]} records/s read`)
  }
  assert.deepEqual([...total.values()], [RECORDS, RECORDS, RECORDS])
})
