import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openRestWorker } from '../rest/worker.ts'
import { compare } from './compare.ts'
import { differences } from './differences.ts'
import { type Answer, play } from './play.ts'
import { scenario } from './scenario.ts'

const golden = JSON.parse(
  await readFile(new URL('golden/answers.json', import.meta.url), 'utf8'),
) as readonly Answer[]

/** What asks for the group of the worker means nothing to a worker on its own. */
const ofGroup = (text: string | undefined): boolean => text?.includes('{group}') === true
const steps = scenario.filter((step) => step.type !== 'request' || !ofGroup(step.body))
const recorded = golden.filter(({ request }) => !ofGroup(request))

async function conforms(bootstrapServers: string | undefined, print: (line: string) => void): Promise<void> {
  const id = `conformance-${process.pid}-${Date.now()}`
  // a broker that others use may know the group that the scenario's sink has by default
  await using worker = await openRestWorker({
    'consumer.group.id': `${id}-sink`,
    // offsets show once tasks stop, and not already by chance
    'offset.flush.interval.ms': '3000',
    ...(bootstrapServers !== undefined && { 'bootstrap.servers': bootstrapServers }),
  })
  await writeFile(worker.dir.at('in.txt'), 'one\ntwo\nthree\n')
  const answers = await play(steps, { url: worker.url, dir: worker.dir.path, id, group: 'no-group-at-all' })
  assert.equal(answers.length, recorded.length)
  const accepted = new Set<string>()
  const faults: string[] = []
  let identical = 0
  for (const [index, java] of recorded.entries()) {
    const ours = answers[index]!
    assert.equal(ours.request, java.request, 'the scenario is not the one that was recorded')
    const verdict = compare(java, ours)
    if (!verdict.same)
      faults.push(
        `${java.request}\n  Java: ${JSON.stringify(verdict.java)}\n  ours: ${JSON.stringify(verdict.ours)}`,
      )
    else if (verdict.accepted === null) identical++
    else accepted.add(verdict.accepted.reason)
  }
  print(
    `${recorded.length - faults.length} of ${recorded.length} answers as Java's, ${identical} of them the same`,
  )
  assert.deepEqual(faults, [])
  const unused = differences.filter(({ reason }) => !accepted.has(reason)).map(({ reason }) => reason)
  assert.deepEqual(unused, [], 'a difference that no answer has any more is to be struck off')
}

test('a standalone worker on the embedded broker answers as Java does', (t) =>
  conforms(undefined, (line) => t.diagnostic(line)))

const kafka = process.env['ISTHMUS_KAFKA']
test(
  'a standalone worker on Apache Kafka answers as Java does',
  { skip: kafka === undefined && 'ISTHMUS_KAFKA is not set' },
  (t) => conforms(kafka, (line) => t.diagnostic(line)),
)
