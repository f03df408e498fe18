import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openBroker } from '@isthmus/broker'
import { compare } from '../conformance/compare.ts'
import { type Answer, play } from '../conformance/play.ts'
import { scenario } from '../conformance/scenario.ts'
import { startChild } from '../process/child.ts'
import { eventually } from '../process/eventually.ts'
import { freePorts } from '../process/ports.ts'
import { writeProperties } from '../process/properties-file.ts'
import { openTempDir } from '../process/temp-dir.ts'

const golden = JSON.parse(
  await readFile(new URL('../conformance/golden/answers.json', import.meta.url), 'utf8'),
) as readonly Answer[]
const GROUP = 'conforms'
const script = fileURLToPath(new URL('../../bin/connect-distributed.sh', import.meta.url))
test('a worker of a group answers as the Java worker did that was recorded', async (t) => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const worker = {
    listeners: url,
    'bootstrap.servers': broker.bootstrapServers,
    'group.id': GROUP,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    // offsets show once tasks stop, and not already by chance
    'offset.flush.interval.ms': '3000',
    ...Object.fromEntries(
      ['offset', 'config', 'status'].flatMap((topic) => [
        [`${topic}.storage.topic`, `${GROUP}-${topic}`],
        [`${topic}.storage.replication.factor`, '1'],
      ]),
    ),
  }
  const file = await writeProperties(dir.at('worker.properties'), worker)
  // the level that the recorded worker had
  await using _ = startChild(script, [file], { cwd: dir.path, env: { ISTHMUS_LOG_LEVEL: 'warn' } })
  await eventually('the worker is ready', () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  await writeFile(dir.at('in.txt'), 'one\ntwo\nthree\n')
  const target = { url, dir: dir.path, id: `conformance-${Date.now()}`, group: GROUP }
  const answers = await play(scenario, target)
  assert.equal(answers.length, golden.length)
  // which of two changes comes first is a matter of moments
  const accepted = (java: Answer, ours: Answer): boolean =>
    /^PUT \/connectors\/q\/config/.test(java.request) && ours.status === java.status
  const faults = golden.flatMap((java, index) => {
    const verdict = compare(java, answers[index]!)
    if (verdict.same || accepted(java, answers[index]!)) return []
    return [
      `${java.request}\n  Java: ${JSON.stringify(verdict.java)}\n  ours: ${JSON.stringify(verdict.ours)}`,
    ]
  })
  t.diagnostic(`${golden.length - faults.length} of ${golden.length} answers as Java's`)
  assert.deepEqual(faults, [])
})
