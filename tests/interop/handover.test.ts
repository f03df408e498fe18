import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { eventually } from '../process/eventually.ts'
import type { GroupWorker } from '../process/group-worker.ts'
import { arrivedAtLeastOnce, readLines, textOf } from '../process/lines.ts'
import type { TempDir } from '../process/temp-dir.ts'
import { linesOf, sinkOf, sourceOf } from './files.ts'
import { type MixedGroup, openMixedGroup } from './group.ts'
import { reporting } from './report.ts'
import { inState, insist } from './watch.ts'

const kafka = process.env['ISTHMUS_KAFKA']
const PART = 2000

describe('a cluster handed over', { skip: kafka === undefined && 'no Apache Kafka' }, () => {
  it('goes on where it was, from Java to Isthmus and back', async () => {
    await using group = await openMixedGroup(kafka ?? '')
    await reporting(group, () => handOver(group))
  })
})

async function handOver(group: MixedGroup): Promise<void> {
  const { id, dir } = group
  const [topic, input, output] = [`${id}-lines`, dir.at('input'), dir.at('output')]
  const sink = `${id}-sink`
  await writeFile(input, textOf(linesOf(0, PART)))

  const java = await group.start('java')
  for (const [name, config] of Object.entries({
    source: sourceOf(topic, input),
    [sink]: sinkOf(topic, output),
    paused: sourceOf(`${id}-paused`, input),
    stopped: sourceOf(`${id}-stopped`, input),
    apart: { ...sourceOf(`${id}-apart`, input), 'offsets.storage.topic': `${id}-own` },
    deleted: sourceOf(`${id}-deleted`, input),
  }))
    await insist(`creating ${name}`, () => java.client.put(name, config))
  for (const name of ['source', sink, 'paused', 'stopped', 'apart', 'deleted'])
    await inState([java], name, 'RUNNING')
  await insist('pausing', () => java.client.pause('paused'))
  for (const name of ['stopped', 'apart']) await insist('stopping', () => java.client.stop(name))
  await insist('deleting', () => java.client.delete('deleted'))
  await inState([java], 'paused', 'PAUSED')
  const offset = { partition: { filename: input }, offset: { position: 1234 } }
  for (const name of ['stopped', 'apart']) {
    await inState([java], name, 'STOPPED', 0)
    await insist('altering offsets', () => java.client.alterOffsets(name, [offset]))
  }
  await arrived(dir, 0, PART)
  const before = await stateOf(java)
  await java.stop()

  await appendFile(input, textOf(linesOf(PART, PART)))
  const ours = await group.start('isthmus')
  await inState([ours], 'source', 'RUNNING')
  await inState([ours], sink, 'RUNNING')
  await inState([ours], 'paused', 'PAUSED')
  await inState([ours], 'stopped', 'STOPPED', 0)
  await arrived(dir, 0, 2 * PART)
  assert.deepEqual(await stateOf(ours), before)
  const further = { ...offset, offset: { position: 2345 } }
  await insist('altering offsets', () => ours.client.alterOffsets('apart', [further]))
  await insist('resuming', () => ours.client.resume('paused'))
  await insist('reconfiguring', () => ours.client.patch(sink, { 'errors.tolerance': 'all' }))
  await insist('creating', () => ours.client.put('ours', sourceOf(`${id}-ours`, input)))
  await inState([ours], 'paused', 'RUNNING')
  await inState([ours], 'ours', 'RUNNING')
  await inState([ours], sink, 'RUNNING')
  const after = await stateOf(ours)
  assert.equal(await ours.stop(), 0)

  await appendFile(input, textOf(linesOf(2 * PART, PART)))
  const again = await group.start('java')
  for (const name of ['source', sink, 'paused', 'ours']) await inState([again], name, 'RUNNING')
  await inState([again], 'stopped', 'STOPPED', 0)
  await arrived(dir, 0, 3 * PART)
  assert.deepEqual(await stateOf(again), after)
  await again.stop()
}

async function arrived(dir: TempDir, from: number, count: number): Promise<void> {
  const sent = linesOf(from, count)
  const last = sent.at(-1) ?? ''
  await eventually(
    `'${last}' arrives`,
    async () => (await readLines(dir.at('output'))).includes(last),
    60_000,
  )
  arrivedAtLeastOnce(await readLines(dir.at('output')), sent)
}

/** What both kinds of workers are to say alike. */
const stateOf = ({ client }: GroupWorker): Promise<unknown> =>
  insist('telling the state', async () => {
    const names = [...(await client.connectors())].sort()
    const states = []
    for (const name of names) {
      const { config, tasks, type } = await client.connector(name)
      const offsets = ['stopped', 'apart'].includes(name) ? await client.offsets(name) : null
      const taskConfigs = (await client.tasks(name)).map(({ id, config }) => ({
        id,
        config: withoutDefaults(config),
      }))
      states.push({ name, config, tasks, type, offsets, taskConfigs })
    }
    return states
  })

/** Ours are written with a default that Java's tasks had to be given before 3.4. */
const withoutDefaults = ({ 'batch.size': _, ...config }: { readonly [name: string]: string }) => config
