import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readBatches } from '@isthmus/protocol'
import { createTopics, fetch, produce } from '@isthmus/protocol/apis'
import { openBroker } from '../broker.ts'
import { silentLog } from '../broker-log.ts'
import { batchOf, temporaryDirectory } from '../testing/log-fixture.ts'
import { openRawClient } from '../testing/raw-client.ts'
import { openDataDir } from './data-dir.ts'

test('one holder at a time; the next one gets the same cluster id', () => {
  using directory = temporaryDirectory()
  const first = openDataDir(directory.path, silentLog)
  assert.throws(() => openDataDir(directory.path, silentLog), /is in use by process \d+: stop that broker/)
  first[Symbol.dispose]()
  using second = openDataDir(directory.path, silentLog)
  assert.equal(second.clusterId, first.clusterId)
  assert.match(second.clusterId, /^[\w-]{22}$/)
})

test('takes over the lock of a process that is gone, of a namesake, and a spoilt one', () => {
  using directory = temporaryDirectory()
  const lock = join(directory.path, 'broker.lock')
  for (const content of [
    '{"pid":2147483646,"started":null}',
    `{"pid":${process.pid},"started":"1"}`,
    '{"pid":1,"started":"no such time"}',
    'not JSON',
  ]) {
    writeFileSync(lock, content)
    using _held = openDataDir(directory.path, silentLog)
  }
})

test('what is wrong with the directory is said with its file and what to do', () => {
  using directory = temporaryDirectory()
  const { clusterId } = ((): { clusterId: string } => {
    using opened = openDataDir(directory.path, silentLog)
    return { clusterId: opened.clusterId }
  })()
  const meta = join(directory.path, 'meta.json')
  const text = readFileSync(meta, 'utf8')
  for (const content of ['', text.slice(0, 20), '{}', 'null', '7']) {
    writeFileSync(meta, content)
    assert.throws(() => openDataDir(directory.path, silentLog), /meta\.json is damaged .* or remove it/)
  }
  writeFileSync(meta, text.replace('"version":1', '"version":2'))
  assert.throws(() => openDataDir(directory.path, silentLog), /meta\.json has the format 2: .*newer version/)
  const warnings: string[] = []
  rmSync(meta)
  mkdirSync(join(directory.path, 'topics'))
  using opened = openDataDir(directory.path, { ...silentLog, warn: (line) => void warnings.push(line) })
  assert.notEqual(opened.clusterId, clusterId)
  assert.match(warnings.join(), /meta\.json is missing though there are topics/)
  truncateSync(meta, 0)
  assert.throws(
    () => openDataDir(meta, silentLog),
    /Cannot use the data directory .*there is a file of that name/,
  )
  assert.throws(
    () => openDataDir(`${meta}/x`, silentLog),
    /Cannot use the data directory .*part of the path is a file/,
  )
})

async function run(dataDir: string) {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const port = Number(/^Isthmus broker listening on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1])
  return { child, port }
}

test('killed while producing, the process loses nothing it acknowledged, and its directory opens again', async () => {
  using directory = temporaryDirectory()
  const { child, port } = await run(directory.path)
  await assert.rejects(openBroker({ dataDir: directory.path }), new RegExp(`in use by process ${child.pid}`))
  await using client = await openRawClient(port)
  await client.call(createTopics, 7, { topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }] })
  const records = () => batchOf([['k', 'x'.repeat(5000), Date.now()]])
  let acknowledged = 0
  const send = async (): Promise<void> => {
    const answer = await client.call(produce, 9, {
      acks: -1,
      topicData: [{ name: 't', partitionData: [{ index: 0, records: records() }] }],
    })
    assert.equal(answer.responses[0]!.partitionResponses[0]!.errorCode, 0)
    acknowledged++
    if (acknowledged === 200) child.kill('SIGKILL')
    return send()
  }
  const exited = once(child, 'exit')
  await assert.rejects(Promise.all([send(), send(), send(), send(), send()]), /closed/)
  await exited
  await using broker = await openBroker({ dataDir: directory.path })
  await using reader = await openRawClient(broker.port)
  const fetched = await reader.call(fetch, 12, {
    topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 28 }] }],
  })
  const { records: bytes, highWatermark } = fetched.responses[0]!.partitions[0]!
  assert.ok(acknowledged >= 200)
  assert.ok(highWatermark >= acknowledged, `${highWatermark} records of ${acknowledged} acknowledged`)
  assert.equal(readBatches(bytes!).length, highWatermark)
})

test('the process ends cleanly when asked to', async () => {
  using directory = temporaryDirectory()
  const { child } = await run(directory.path)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  using _free = openDataDir(directory.path, silentLog)
})

test('a consumer that comes to damaged records is told CORRUPT_MESSAGE, and reads those around them', async () => {
  using directory = temporaryDirectory()
  const produceTo = async (client: Awaited<ReturnType<typeof openRawClient>>, value: string) => {
    const records = batchOf([['k', value, Date.now()]])
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    await client.call(produce, 9, { acks: -1, topicData })
  }
  {
    await using broker = await openBroker({ dataDir: directory.path })
    await using client = await openRawClient(broker.port)
    await client.call(createTopics, 7, { topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }] })
    for (const value of ['first', 'damaged', 'last']) await produceTo(client, value)
  }
  const [file] = readdirSync(directory.path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.log'),
  )
  const path = join(directory.path, file!)
  const bytes = readFileSync(path)
  bytes[bytes.indexOf('damaged')]! ^= 1
  writeFileSync(path, bytes)
  // as after a machine's crash, which may have lost it: then all is read again
  rmSync(join(path, '..', 'checkpoint.json'))
  const errors: string[] = []
  const log = { ...silentLog, error: (line: string) => void errors.push(line) }
  await using broker = await openBroker({ dataDir: directory.path, log })
  await using client = await openRawClient(broker.port)
  const read = async (fetchOffset: number) => {
    const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }]
    const answer = await client.call(fetch, 12, { topics: [{ topic: 't', partitions }] })
    const { errorCode, records } = answer.responses[0]!.partitions[0]!
    return errorCode === 0 ? readBatches(records!).map(({ baseOffset }) => baseOffset) : errorCode
  }
  assert.deepEqual([await read(0), await read(1), await read(2)], [[0], 2, [2]])
  assert.match(
    errors.join(),
    /0{20}\.log: \d+ bytes at position \d+ are damaged.*offsets 1 to 1 cannot be read/,
  )
  await produceTo(client, 'more')
  assert.deepEqual(await read(2), [2, 3])
})
