import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startChild } from '../process/child.ts'
import { kcatIsAbsent } from './availability.ts'
import { openEmbedded } from './embedded.ts'

test('kcat writes, reads, looks up and joins a group', {
  skip: kcatIsAbsent(),
  timeout: 120_000,
}, async () => {
  await using broker = await openEmbedded()
  const kcat = async (args: readonly string[], input?: string): Promise<string[]> => {
    const stdin = input === undefined ? 'ignore' : 'pipe'
    await using child = startChild('kcat', ['-q', '-b', broker.bootstrapServers, ...args], { stdin })
    child.stdin?.end(input)
    assert.equal(await child.ended, 0, child.output())
    return child.output().split('\n').slice(0, -1)
  }
  const topic = 'meow'
  const lines = Array.from({ length: 5000 }, (_, i) => `k${i}:line ${i} häßlich 🚢`)
  for (const codec of ['none', 'gzip', 'snappy', 'lz4']) {
    await kcat(
      ['-P', '-t', topic, '-K:', '-z', codec, '-X', 'enable.idempotence=true'],
      `${lines.join('\n')}\n`,
    )
  }
  const all = [...lines, ...lines, ...lines, ...lines]
  const format = ['-f', '%o %k:%s\\n', '-e']
  const read = await kcat(['-C', '-t', topic, '-o', 'beginning', ...format])
  assert.deepEqual(
    read,
    all.map((line, offset) => `${offset} ${line}`),
  )
  const tail = await kcat(['-C', '-t', topic, '-o', '-3', ...format])
  assert.deepEqual(tail, read.slice(-3))
  const metadata = (await kcat(['-L', '-t', topic])).join('\n')
  assert.match(metadata, /broker 1 at 127\.0\.0\.1:\d+/)
  assert.match(metadata, /topic "meow" with 1 partitions/)
  assert.deepEqual(await kcat(['-Q', '-t', `${topic}:0:1`]), [`${topic} [0] offset 0`])
  const grouped = ['-G', 'cats', '-X', 'auto.offset.reset=earliest', '-f', '%o %k:%s\\n', '-c']
  assert.deepEqual(await kcat([...grouped, '7000', topic]), read.slice(0, 7000))
  assert.deepEqual(await kcat([...grouped, '1000', topic]), read.slice(7000, 8000))
})
