import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sinkContract, sinkRecords, sourceContract } from '@isthmus/testkit'
import { FileStreamSink } from './sink.ts'
import { FileStreamSource } from './source.ts'

const folder = mkdtempSync(join(tmpdir(), 'file-stream-'))
after(() => rmSync(folder, { recursive: true }))

const input = join(folder, 'input.txt')
writeFileSync(input, 'one\nzwei — drei\r\n\nfour\n')
describe('FileStreamSource', () => {
  const contract = sourceContract({
    plugin: FileStreamSource,
    source: () => ({ props: { file: input, topic: 't', 'batch.size': '2' } }),
    count: 4,
  })
  for (const { name, run } of contract) it(name, run)
})

let outputs = 0
describe('FileStreamSink', () => {
  const contract = sinkContract({
    plugin: FileStreamSink,
    target: () => ({ props: { file: join(folder, `output-${outputs++}.txt`), topics: 't' } }),
    written: ({ props }) => readFileSync(props.file, 'utf8').split('\n').length - 1,
    records: sinkRecords('t', [{ value: 'a' }, { value: 'b' }, { value: null }]),
  })
  for (const { name, run } of contract) it(name, run)
})
