import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startChild } from '../process/child.ts'
import { readLines } from '../process/lines.ts'
import { openTempDir } from '../process/temp-dir.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

test('a fresh clone needs two commands: npm ci, npm run quickstart', async () => {
  await using dir = await openTempDir()
  const clone = dir.at('isthmus')
  await run('git', ['clone', '--quiet', '--no-hardlinks', root, clone])
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: clone })
  for (const state of [/Copied 100,000 lines in/, /Continuing where it was: 100,000 of 100,000/]) {
    await using quickstart = startChild('npm', ['run', 'quickstart', '--', '--once'], { cwd: clone })
    assert.equal(await quickstart.ended, 0, quickstart.output())
    assert.match(quickstart.output(), state)
  }
  const [input, output] = [
    await readLines(`${clone}/.quickstart/input.txt`),
    await readLines(`${clone}/.quickstart/output.txt`),
  ]
  assert.equal(input.length, 100_000)
  assert.deepEqual(output, input)
})
