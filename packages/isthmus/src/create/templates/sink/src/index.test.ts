import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runSink, runWorker, sinkContract, sinkRecord } from '@isthmus/testkit'
import { MyNameSink } from './index.ts'

const folder = await mkdtempDisposable(join(tmpdir(), 'my-name-'))
after(() => folder.remove())

const linesOf = async (file: string): Promise<readonly string[]> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1)

// what every sink keeps to
let targets = 0
for (const { name, run } of sinkContract({
  plugin: MyNameSink,
  target: () => {
    const file = join(folder.path, `contract-${targets++}.jsonl`)
    return { file, props: { file, topics: 'my-name' } }
  },
  records: ['a', 'b', 'c'].map((value, kafkaOffset) => sinkRecord({ value, kafkaOffset })),
  written: async ({ file }) => (await linesOf(file)).length,
}))
  test(name, run)

test('a record that cannot be written is reported, and the others are written', async () => {
  const file = join(folder.path, 'errant.jsonl')
  const records = [1, 2n, 3].map((value, kafkaOffset) => sinkRecord({ value, kafkaOffset }))
  const { errant } = await runSink(MyNameSink, { file }, records)
  assert.deepEqual(
    errant.map(({ value }) => value),
    [2n],
  )
  assert.deepEqual(await linesOf(file), ['{"key":null,"value":1}', '{"key":null,"value":3}'])
})

test('a worker runs it', async () => {
  const file = join(folder.path, 'worker.jsonl')
  await using worker = await runWorker({ plugins: [new URL('index.ts', import.meta.url)] })
  await worker.produce('my-name', [{ key: 'one', value: { number: 1 } }])
  await worker.connect('my-name', { 'connector.class': 'MyNameSink', topics: 'my-name', file })
  const lines = await worker.until('a line is written', async () => {
    const written = await linesOf(file)
    return written.length > 0 && written
  })
  assert.deepEqual(lines, ['{"key":"one","value":{"number":1}}'])
})
