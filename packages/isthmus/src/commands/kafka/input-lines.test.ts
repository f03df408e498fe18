import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { inputLines } from './input-lines.ts'

const never = new AbortController().signal

async function linesOf(...chunks: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  const input = Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
  for await (const some of inputLines(input, never)) lines.push(...some.map(String))
  return lines
}

test('lines are put together from chunks, the last one without an end too', async () => {
  assert.deepEqual(await linesOf('a\nb', 'c', 'd\r\n\n', 'e'), ['a', 'bcd', '', 'e'])
  assert.deepEqual(await linesOf('a\n'), ['a'])
  assert.deepEqual(await linesOf(), [])
})

test('a stop ends it while it waits', async () => {
  const input = new PassThrough()
  const stop = new AbortController()
  input.write('a\n')
  const seen: string[] = []
  for await (const lines of inputLines(input, stop.signal)) {
    seen.push(...lines.map(String))
    stop.abort()
  }
  assert.deepEqual(seen, ['a'])
})
