import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { openAdmin, openCluster, openConsumerGroup, openFetcher, openProducer } from '@isthmus/kafka'
import { openInlineHost } from '@isthmus/runtime/testing'
import { openTempDir } from '../../process/temp-dir.ts'
import { openRestWorker } from '../../rest/worker.ts'
import { compare } from './compare.ts'
import { differences } from './differences.ts'
import { groups } from './groups.ts'
import type { Outcome } from './outcome.ts'
import { run } from './run.ts'

/** Names of groups; all when there are none. */
const chosen = (process.env['ISTHMUS_PIPELINES'] ?? '').split(',').filter((name) => name !== '')
const all = Object.entries(groups).filter(([name]) => chosen.length === 0 || chosen.includes(name))

// without threads, of which some three hundred connectors would start a thousand
const openHost = openInlineHost({ openAdmin, openCluster, openConsumerGroup, openFetcher, openProducer })

async function conforms(bootstrapServers: string, print: (line: string) => void): Promise<void> {
  await using worker = await openRestWorker(
    { 'bootstrap.servers': bootstrapServers, 'plugin.path': join(import.meta.dirname, 'plugins') },
    { openHost },
  )
  const pipelines = all.flatMap(([, list]) => list)
  const javas: Outcome[] = []
  for (const [name] of all) {
    const file = new URL(`golden/${name}.json`, import.meta.url)
    javas.push(...(JSON.parse(await readFile(file, 'utf8')) as Outcome[]))
  }
  assert.deepEqual(
    javas.map(({ name }) => name),
    pipelines.map(({ name }) => name),
    'the pipelines are not those that were recorded',
  )
  const id = `po${Date.now().toString(36)}`
  const outcomes = await run(pipelines, { url: worker.url, bootstrapServers, dir: worker.dir.path, id })
  const accepted = new Set<string>()
  const faults: string[] = []
  let identical = 0
  for (const [index, pipeline] of pipelines.entries()) {
    const verdict = compare(pipeline, javas[index]!, outcomes[index]!)
    if (verdict.fault !== null) faults.push(verdict.fault)
    else if (verdict.accepted.length === 0) identical++
    for (const { reason } of verdict.accepted) accepted.add(reason)
  }
  print(
    `${pipelines.length - faults.length} of ${pipelines.length} pipelines as Java's, ${identical} of them byte for byte`,
  )
  assert.ok(faults.length === 0, `\n${faults.join('\n')}`)
  const unused = differences.filter(({ reason }) => !accepted.has(reason)).map(({ reason }) => reason)
  if (chosen.length === 0)
    assert.deepEqual(unused, [], 'a difference that no pipeline has any more is to be struck off')
}

test('pipelines on the embedded broker make what they make in Java', async (t) => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  await conforms(broker.bootstrapServers, (line) => t.diagnostic(line))
})

const kafka = process.env['ISTHMUS_KAFKA']
test(
  'pipelines on Apache Kafka make what they make in Java',
  { skip: kafka === undefined && 'ISTHMUS_KAFKA is not set' },
  (t) => conforms(kafka!, (line) => t.diagnostic(line)),
)
