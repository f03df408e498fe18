import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, parseConfig } from '@isthmus/sdk'
import { pluginContext, runWorker, sinkRecord, transformContract } from '@isthmus/testkit'
import { MyName } from './index.ts'

const records = ['a', '', null].map((value) => sinkRecord({ value }))

// what every transform keeps to
for (const { name, run } of transformContract({
  plugin: MyName,
  records,
}))
  test(name, run)

test('text gets the prefix; anything else is a bad record', async () => {
  const { apply } = await MyName.open(parseConfig(MyName.config, { prefix: '>' }), pluginContext())
  const values = await Promise.all(records.map(async (record) => (await apply(record))?.value))
  assert.deepEqual(values, ['> a', '> ', null])
  await assert.rejects(
    async () => apply(sinkRecord({ value: 1 })),
    (error) => codeOf(error) === 'data',
  )
})

test('a worker applies it', async () => {
  await using worker = await runWorker({ plugins: [new URL('index.ts', import.meta.url)] })
  await worker.connect('lines', {
    'connector.class': 'FileStreamSource',
    file: import.meta.filename,
    topic: 'my-name',
    transforms: 'mine',
    'transforms.mine.type': 'MyName',
    'transforms.mine.prefix': '>',
  })
  const [first] = await worker.records('my-name', { count: 1 })
  assert.equal(first?.value, "> import assert from 'node:assert/strict'")
})
