import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SourceTask, sourceConnector, sourceRecord } from '@isthmus/sdk'
import { runSource } from './run.ts'

const record = sourceRecord({ topic: 't', value: 1, sourcePartition: {}, sourceOffset: {} })

test('a source that polls what no worker could use is told so, as by a worker', async () => {
  const run = (polled: unknown) =>
    runSource(
      sourceConnector({
        class: 'my.Source',
        version: null,
        config: {},
        connector: () => ({ taskConfigs: () => [{}] }),
        task: () => ({ poll: async () => polled, async [Symbol.asyncDispose]() {} }) as SourceTask,
      }),
      {},
      { count: 1 },
    )
  assert.deepEqual(await run([record]), [record])
  await assert.rejects(run(undefined), {
    code: 'plugin',
    message: /^The task of my\.Source: 'poll' has returned undefined: it returns an array of records/,
  })
  await assert.rejects(
    run([{ ...record, sourceOffset: { at: new Date(0) } }]),
    /its sourceOffset\.at is a Date/,
  )
})
