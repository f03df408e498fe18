import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openRestWorker } from '../rest/worker.ts'
import { compare } from './compare.ts'
import type { Answer } from './play.ts'
import { answersOf } from './validate-answers.ts'

test('transforms and predicates in a config are validated as Java does', async (t) => {
  const golden = JSON.parse(
    await readFile(new URL('golden/validate.json', import.meta.url), 'utf8'),
  ) as readonly Answer[]
  await using worker = await openRestWorker()
  const answers = await answersOf({ url: worker.url, dir: worker.dir.path })
  assert.equal(answers.length, golden.length)
  const faults: string[] = []
  for (const [index, java] of golden.entries()) {
    const ours = answers[index]!
    assert.equal(ours.request, java.request, 'the validations are not those that were recorded')
    const verdict = compare(java, ours)
    if (!verdict.same)
      faults.push(
        `${java.request}\n  Java: ${JSON.stringify(verdict.java)}\n  ours: ${JSON.stringify(verdict.ours)}`,
      )
  }
  t.diagnostic(`${golden.length - faults.length} of ${golden.length} answers as Java's`)
  assert.deepEqual(faults, [])
})
