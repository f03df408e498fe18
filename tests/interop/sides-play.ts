import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { eventually } from '../process/eventually.ts'
import type { GroupWorker } from '../process/group-worker.ts'
import { textOf } from '../process/lines.ts'
import { linesOf, sinkOf, sourceOf } from './files.ts'
import { type Kind, type MixedGroup, openMixedGroup } from './group.ts'
import { refuseStrangers } from './internal-requests.ts'
import { reporting } from './report.ts'
import { openSessionKeys } from './session-keys.ts'
import { inState, insist, statusThat } from './watch.ts'

const KEY_MS = 3000
const COUNT = 4

interface Sides {
  readonly group: MixedGroup
  readonly leader: GroupWorker
  readonly follower: GroupWorker
  /** Names that no other test has: the consumer groups are named after them. */
  readonly sinks: readonly string[]
}

/** A worker of each kind, the leader first: what is asked of one about what the other does, and what they ask of each other. */
export async function playSides(bootstrapServers: string, leading: Kind, following: Kind): Promise<void> {
  await using group = await openMixedGroup(bootstrapServers, { 'inter.worker.key.ttl.ms': String(KEY_MS) })
  await reporting(group, () => playIn(group, leading, following))
}

async function playIn(group: MixedGroup, leading: Kind, following: Kind): Promise<void> {
  const { bootstrapServers } = group
  await using stack = new AsyncDisposableStack()
  const leader = await group.start(leading)
  const follower = await group.start(following)
  const sinks = Array.from({ length: COUNT }, (_, i) => `${group.id}-sink-${i}`)
  const [first = ''] = sinks
  const sides = { group, leader, follower, sinks }
  const keys = stack.use(await openSessionKeys(bootstrapServers, `${group.id}-config`))
  const input = group.dir.at('input')
  await writeFile(input, textOf(linesOf(0, 100)))

  await insist('source', () => follower.client.put('source', sourceOf(`${group.id}-lines`, input)))
  await inState([leader, follower], 'source', 'RUNNING')
  await restartFailed(sides)
  await changeOffsets(sides, input)
  await setLevels(sides)
  await refuseStrangers(sides, keys, { source: first, stopped: 'source' })

  // task configs that are signed with one key after the other
  const used = keys.all().length
  for (const tasks of [2, 3]) {
    const before = keys.all().length
    for (const [i, name] of sinks.entries()) {
      const worker = i % 2 === 0 ? leader : follower
      await insist(`patching ${name}`, () => worker.client.patch(name, { 'tasks.max': String(tasks) }))
    }
    for (const name of sinks) await inState([leader, follower], name, 'RUNNING', tasks)
    await eventually('a new key', () => keys.all().length > before)
  }
  const all = keys.all()
  assert.ok(all.length >= used + 2)
  assert.equal(new Set(all.map(({ key }) => key.toString('hex'))).size, all.length)
  for (const [i, { createdMs }] of all.slice(1).entries())
    assert.ok(createdMs - (all[i]?.createdMs ?? 0) >= KEY_MS, 'a key is good for its time')
}

/** Tasks that failed on one side are restarted through the other. */
async function restartFailed({ group, leader, follower, sinks }: Sides): Promise<void> {
  const both = [leader, follower]
  const folder = group.dir.at('missing')
  for (const [i, name] of sinks.entries()) {
    const config = sinkOf(`${group.id}-lines`, `${folder}/${name}`)
    await insist(name, async () => both[i % 2]?.client.put(name, config))
  }
  const failed = new Map<string, string>()
  for (const name of sinks)
    for (const worker of both) {
      const { tasks } = await statusThat(
        'has a failed task',
        worker,
        name,
        (status) => status.connector.state === 'RUNNING' && status.tasks[0]?.state === 'FAILED',
      )
      failed.set(name, tasks[0]?.worker_id ?? '')
    }
  assert.deepEqual(
    new Set(failed.values()),
    new Set(both.map(({ id }) => id)),
    'both sides have failed tasks',
  )

  await mkdir(folder)
  for (const [name, place] of failed) {
    const other = both.find(({ id }) => id !== place)
    const shown = await insist(`restarting ${name}`, async () =>
      other?.client.restart(name, { includeTasks: true, onlyFailed: true }),
    )
    assert.equal(shown?.connector.state, 'RUNNING')
    // a Java leader asks after its request is out, which the other may have carried out by then
    const [{ state } = { state: 'none' }] = shown?.tasks ?? []
    assert.match(state, /^(RESTARTING|RUNNING)$/)
    await inState(both, name, 'RUNNING')
    await insist(`restarting the task of ${name}`, async () => other?.client.restartTask(name, 0))
    await insist(`restarting ${name} itself`, async () => other?.client.restart(name))
    await inState(both, name, 'RUNNING')
  }
}

/** Through the follower, which passes it on, and read on both sides. */
async function changeOffsets({ group, leader, follower, sinks }: Sides, input: string): Promise<void> {
  const sink = sinks.at(-1) ?? ''
  const both = [leader, follower]
  const partition = { filename: input }
  const same = async (name: string, offsets: readonly unknown[]) => {
    for (const { client, id } of both)
      assert.deepEqual(await insist('reading offsets', () => client.offsets(name)), offsets, id)
  }
  for (const name of ['source', sink]) await insist('stopping', () => follower.client.stop(name))
  for (const name of ['source', sink]) await inState(both, name, 'STOPPED', 0)
  const { client } = follower

  const altered = 'The offsets for this connector have been altered successfully'
  const sourceOffsets = [{ partition, offset: { position: 10 } }]
  assert.equal(await insist('altering', () => client.alterOffsets('source', sourceOffsets)), altered)
  await same('source', sourceOffsets)
  const sinkOffsets = [
    {
      partition: { kafka_topic: `${group.id}-lines`, kafka_partition: 0 },
      offset: { kafka_offset: 7 },
    },
  ]
  // its tasks may still be on their way out, which a client is told to wait for
  const told = await eventually('altering', () =>
    client.alterOffsets(sink, sinkOffsets).catch(({ message }: Error): null => {
      assert.match(message, /this operation can be safely retried/)
      return null
    }),
  )
  assert.match(told, /altered successfully/)
  await same(sink, sinkOffsets)

  for (const name of ['source', sink]) {
    assert.match(String(await insist('resetting', () => client.resetOffsets(name))), /reset successfully/)
    await same(name, [])
  }
  await insist('resuming', () => client.resume(sink))
  await inState(both, sink, 'RUNNING')
}

async function setLevels({ leader, follower }: Sides): Promise<void> {
  const kinds = [
    ['org.apache.kafka.connect.file', leader, follower],
    ['org.apache.kafka.connect.json', follower, leader],
  ] as const
  for (const [logger, here, there] of kinds) {
    await here.client.setLevel(logger, 'DEBUG', 'cluster')
    for (const { client, id } of [here, there])
      await eventually(`${logger} has its level on ${id}`, async () => {
        const level = await client.logger(logger).catch(() => null)
        return level?.level === 'DEBUG'
      })
  }
}
