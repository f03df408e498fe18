import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runWorker, sinkRecord, transformContract } from '@isthmus/testkit'
import { Shout } from './plugins/shout/index.ts'

const file = fileURLToPath(new URL(`words-${process.pid}.txt`, import.meta.url))

/** What a connector's author tests, for `node:test` and Vitest alike. */
export const suite = [
  ...transformContract({ plugin: Shout, records: [sinkRecord({ topic: 'words', value: 'one' })] }),
  {
    name: 'records go through a worker and its transforms',
    async run() {
      await using worker = await runWorker({ plugins: [new URL('plugins/', import.meta.url)] })
      await worker.produce('words', [{ value: 'one' }, { value: 'two' }])
      await worker.connect('append', {
        'connector.class': 'install.AppendSinkConnector',
        topics: 'words',
        file,
        transforms: 'shout',
        'transforms.shout.type': 'install.Shout',
      })
      const read = () => readFile(file, 'utf8').catch(() => '')
      await worker.until('both words are written', async () => (await read()).split('\n').length > 2)
      assert.equal(await read(), 'ONE\nTWO\n')
    },
  },
]
