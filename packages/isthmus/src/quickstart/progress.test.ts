import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openProgress } from './progress.ts'

const written = (terminal: boolean) => {
  const texts: string[] = []
  return { texts, progress: openProgress({ terminal, write: (text) => texts.push(text) }) }
}

test('a file gets whole lines, at most one a second', () => {
  const { texts, progress } = written(false)
  for (let now = 0; now <= 2500; now += 100) progress.update(now, 10_000, now)
  progress.say('done')
  assert.deepEqual(texts, [
    '  0 of 10,000 lines\n',
    '  1,000 of 10,000 lines\n',
    '  2,000 of 10,000 lines\n',
    'done\n',
  ])
})

test('a terminal sees one line that is rewritten, and what is said stays above', () => {
  const { texts, progress } = written(true)
  progress.update(5000, 10_000, 0)
  progress.update(20_000, 10_000, 1)
  progress.say('done')
  progress.say('more')
  assert.deepEqual(texts, [
    `\r\x1b[K  ${'━'.repeat(15)}${' '.repeat(15)}  5,000 of 10,000 lines`,
    `\r\x1b[K  ${'━'.repeat(30)}  20,000 of 10,000 lines`,
    '\r\x1b[Kdone\n',
    'more\n',
  ])
})
