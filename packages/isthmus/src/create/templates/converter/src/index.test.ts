import assert from 'node:assert/strict'
import { test } from 'node:test'
import { converterContract, runWorker } from '@isthmus/testkit'
import { MyNameConverter } from './index.ts'

// what every converter keeps to
for (const { name, run } of converterContract({
  plugin: MyNameConverter,
  samples: ['text', 1.5, true, ['a', null], { number: 1, nested: { list: [] } }].map((value) => ({
    schema: null,
    value,
  })),
  garbage: [Buffer.from('{"number":')],
}))
  test(name, run)

test('a worker writes and reads with it', async () => {
  await using worker = await runWorker({
    plugins: [new URL('index.ts', import.meta.url)],
    props: { 'value.converter': 'MyNameConverter' },
    converters: [MyNameConverter],
  })
  await worker.connect('lines', {
    'connector.class': 'FileStreamSource',
    file: import.meta.filename,
    topic: 'my-name',
  })
  const [first] = await worker.records('my-name', { count: 1 })
  assert.equal(first?.value, "import assert from 'node:assert/strict'")
})
