import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { sinkProps, sourceProps, workerProps } from '../process/file-copy.ts'
import { isthmusStandalone } from '../process/isthmus.ts'
import { holdsExactly } from '../process/lines.ts'
import { openTempDir } from '../process/temp-dir.ts'

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

test('a thread loads the connector that it runs, and nothing of the others that come with the worker', async () => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  const hook = dir.at('recorder.mjs')
  await writeFile(hook, recorder(dir.at('modules')))
  await writeFile(dir.at('in.txt'), 'one\n')
  await using worker = await isthmusStandalone({
    dir: dir.at('worker'),
    worker: workerProps(broker.bootstrapServers, dir.at('offsets')),
    connectors: [sourceProps('modules', dir.at('in.txt')), sinkProps('modules', dir.at('out.txt'))],
    env: { NODE_OPTIONS: `--import=${hook}` },
  })
  await holdsExactly(dir.at('out.txt'), ['one'])
  worker.kill('SIGTERM')
  assert.equal(await worker.ended, 0)
  const loaded = (await readFile(dir.at('modules'), 'utf8')).trimEnd().split('\n')
  const threadsOf = (module: RegExp) =>
    new Set(loaded.filter((line) => module.test(line)).map((line) => line.split(' ')[0]))
  const [source, sink] = [
    threadsOf(/file-stream\/source-task\.ts$/),
    threadsOf(/file-stream\/sink-task\.ts$/),
  ]
  assert.equal(source.size, 1)
  assert.equal(sink.size, 1)
  assert.equal(source.intersection(sink).size, 0)
  assert.deepEqual(
    loaded.filter((line) => /\/(connector-[\w-]+|@aws-sdk|@smithy|avsc)\//.test(line)),
    [],
  )
})
