import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSource, runWorker, sourceContract } from '@isthmus/testkit'
import { MyNameSource } from './index.ts'

const props = { topic: 'my-name', 'poll.interval.ms': '1' }

// what every source keeps to
for (const { name, run } of sourceContract({
  plugin: MyNameSource,
  source: () => ({ props }),
  count: 5,
}))
  test(name, run)

test('records are numbered', async () => {
  const records = await runSource(MyNameSource, props, { count: 3 })
  assert.deepEqual(
    records.map(({ value }) => value),
    [1, 2, 3].map((number) => ({ number, text: `Hello number ${number}` })),
  )
})

test('a worker runs it', async () => {
  await using worker = await runWorker({ plugins: [new URL('index.ts', import.meta.url)] })
  await worker.connect('my-name', { 'connector.class': 'MyNameSource', ...props })
  const [first] = await worker.records('my-name', { count: 1 })
  assert.deepEqual(first?.value, { number: 1, text: 'Hello number 1' })
})
