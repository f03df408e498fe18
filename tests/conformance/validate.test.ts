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
  const shipped = await (await fetch(`${worker.url}/connector-plugins?connectorsOnly=false`)).text()
  const faults: string[] = []
  let compared = 0
  for (const [index, java] of golden.entries()) {
    const ours = answers[index]!
    // what names a plugin of Java's that Isthmus has not is compared once it has
    if (namedIn(java.request).some((name) => !shipped.includes(name))) continue
    compared++
    assert.equal(ours.request, java.request, 'the validations are not those that were recorded')
    const verdict = compare(java, ours)
    if (!verdict.same)
      faults.push(
        `${java.request}\n  Java: ${JSON.stringify(verdict.java)}\n  ours: ${JSON.stringify(verdict.ours)}`,
      )
  }
  t.diagnostic(`${compared - faults.length} of ${golden.length} answers as Java's`)
  assert.ok(compared > 50)
  assert.deepEqual(faults, [])
})

/** The transforms and predicates that there are, of those that a config names. */
function namedIn(request: string): string[] {
  const names = request.match(
    /"(org\.apache\.kafka\.connect\.transforms\.[\w.$]+|RegexRouter|RecordIsTombstone|TopicNameMatches)"/g,
  )
  return (names ?? []).map((name) => name.slice(1, -1)).filter((name) => !name.endsWith('.Cast'))
}
