import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sinkRecord, sinkTaskContract, sourceTaskContract } from '@isthmus/testkit'
import { openFileSink } from './sink-task.ts'
import { openFileTask } from './source-task.ts'

const folder = mkdtempSync(join(tmpdir(), 'file-stream-'))
after(() => rmSync(folder, { recursive: true }))

const input = join(folder, 'input.txt')
writeFileSync(input, 'one\nzwei — drei\r\n\nfour\n')
describe('FileStreamSource', () => {
  const contract = sourceTaskContract({
    open: (context) => openFileTask({ file: input, topic: 't', 'batch.size': 2 }, context),
    count: 4,
  })
  for (const { name, run } of contract) it(name, run)
})

const output = join(folder, 'output.txt')
writeFileSync(output, '')
describe('FileStreamSink', () => {
  const contract = sinkTaskContract({
    open: () => openFileSink(output),
    records: ['a', 'b', null].map((value, kafkaOffset) => sinkRecord({ kafkaOffset, value })),
    written: () => readFileSync(output, 'utf8').split('\n').length - 1,
  })
  for (const { name, run } of contract) it(name, run)
})
