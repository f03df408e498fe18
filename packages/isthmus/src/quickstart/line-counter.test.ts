import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openLineCounter } from './line-counter.ts'

test('lines are counted as they are appended, also before the file is there', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'isthmus-lines-'))
  try {
    const path = join(dir, 'file.txt')
    await using counter = openLineCounter(path)
    assert.deepEqual(await counter.count(), { lines: 0, last: '' })
    await appendFile(path, 'one\ntw')
    assert.deepEqual(await counter.count(), { lines: 1, last: 'one' })
    await appendFile(path, 'o')
    assert.deepEqual(await counter.count(), { lines: 1, last: 'one' })
    await appendFile(path, '\n\nfour\n')
    assert.deepEqual(await counter.count(), { lines: 4, last: 'four' })
    await appendFile(path, '\n')
    assert.deepEqual(await counter.count(), { lines: 5, last: '' })
    await appendFile(path, `${'x\n'.repeat(300_000)}last\n`)
    assert.deepEqual(await counter.count(), { lines: 300_006, last: 'last' })
  } finally {
    await rm(dir, { recursive: true })
  }
})
