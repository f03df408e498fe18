import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { openS3Server, s3ServerIsAbsent } from '@isthmus/connector-s3/testing'
import { eventually } from '../process/eventually.ts'
import { sinkProps, sourceProps, workerProps } from '../process/file-copy.ts'
import { isthmusStandalone } from '../process/isthmus.ts'
import { holdsExactly } from '../process/lines.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'

/** Told to every thread of a process by NODE_OPTIONS: each module that is loaded becomes a line of a file. */
const recorder = (file: string): string => `
  import { appendFileSync } from 'node:fs'
  import { registerHooks } from 'node:module'
  import { threadId } from 'node:worker_threads'
  registerHooks({
    load(url, context, next) {
      appendFileSync(${JSON.stringify(file)}, threadId + ' ' + url + '\\n')
      return next(url, context)
    },
  })`

/** Threads that have loaded a module; the main thread is 0. */
async function threadsOf(dir: TempDir, module: RegExp): Promise<Set<string>> {
  const lines = (await readFile(dir.at('modules'), 'utf8')).split('\n').filter((line) => module.test(line))
  return new Set(lines.map((line) => line.split(' ')[0] ?? ''))
}

/** Copies a line from file to file, with other connectors beside, and answers when it has arrived. */
async function copyLine(dir: TempDir, beside: readonly { readonly [name: string]: string }[]) {
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(await openBroker({ dataDir: dir.at('broker') }))
  const hook = dir.at('recorder.mjs')
  await writeFile(hook, recorder(dir.at('modules')))
  await writeFile(dir.at('in.txt'), 'one\n')
  const file = [sourceProps('modules', dir.at('in.txt')), sinkProps('modules', dir.at('out.txt'))]
  stack.use(
    await isthmusStandalone({
      dir: dir.at('worker'),
      worker: workerProps(broker.bootstrapServers, dir.at('offsets')),
      connectors: [...file, ...beside],
      env: { NODE_OPTIONS: `--import=${hook}` },
    }),
  )
  await holdsExactly(dir.at('out.txt'), ['one'])
  return stack.move()
}

const SOURCE = /file-stream\/source-task\.ts$/
const SINK = /file-stream\/sink-task\.ts$/
const HEAVY = /\/(@aws-sdk|@smithy|avsc)\//

test('a thread loads the connector that it runs, and nothing of the others that come with the worker', async () => {
  await using dir = await openTempDir()
  await using _ = await copyLine(dir, [])
  const [source, sink] = [await threadsOf(dir, SOURCE), await threadsOf(dir, SINK)]
  assert.equal(source.size, 1)
  assert.equal(sink.size, 1)
  assert.equal(source.intersection(sink).size, 0)
  assert.deepEqual(await threadsOf(dir, /\/connector-[\w-]+\//), new Set())
  assert.deepEqual(await threadsOf(dir, HEAVY), new Set())
})

test('the library of a connector is in the threads of that connector alone', {
  skip: await s3ServerIsAbsent(),
}, async () => {
  await using dir = await openTempDir()
  await using server = await openS3Server()
  const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
  const backup = {
    name: 'backup',
    'connector.class': 'com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector',
    topics: 'modules',
    'key.converter': bytes,
    'value.converter': bytes,
    ...(await server.bucket()),
  }
  await using _ = await copyLine(dir, [backup])
  const task = /connector-s3\/src\/sink\/task\.ts$/
  await eventually('the backup runs', async () => (await threadsOf(dir, task)).size > 0)
  const heavy = await eventually('its library is loaded', async () => {
    const threads = await threadsOf(dir, HEAVY)
    return threads.size > 0 && threads
  })
  const others = new Set(['0', ...(await threadsOf(dir, SOURCE)), ...(await threadsOf(dir, SINK))])
  assert.equal(others.size, 3)
  assert.deepEqual(heavy.intersection(others), new Set())
})
