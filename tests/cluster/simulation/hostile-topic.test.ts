import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hostileRecords, hostileStatuses } from '@isthmus/runtime/testing'
import { openCoordinator } from './coordinator.ts'
import { openPlant } from './instances.ts'
import { openSharedTopic } from './topic.ts'
import { missing } from './whole.ts'
import { openSimWorker, type SimGroup, type SimWorker } from './worker.ts'
import { openWorld } from './world.ts'

const SEEDS = 20
const WHOLE_MS = 240_000
const QUIET_MS = 60_000

/** Two workers over topics that are full of records that make no sense; what they write once all runs. */
async function play(seed: number): Promise<{ readonly fault: string | null; readonly written: number }> {
  using world = openWorld(seed)
  const group: SimGroup = {
    world,
    coordinator: openCoordinator(world),
    configTopic: openSharedTopic(world, hostileRecords(seed)),
    statusTopic: openSharedTopic(world, hostileStatuses),
    plant: openPlant(world),
    props: { 'connect.protocol': seed % 3 === 0 ? 'compatible' : 'sessioned' },
    log() {},
    listening: new Map(),
  }
  const ends = () => group.configTopic.end + group.statusTopic.end
  return await world.run(async () => {
    const workers: SimWorker[] = []
    for (const id of ['w1', 'w2']) workers.push(await openSimWorker(group, id))
    const since = world.now()
    for (let fault: string | null = ''; fault !== null; ) {
      fault = missing(group, workers)
      if (world.now() - since > WHOLE_MS) return { fault, written: 0 }
      await world.sleep(250)
    }
    const before = ends()
    await world.sleep(QUIET_MS)
    return { fault: missing(group, workers), written: ends() - before }
  })
}

it('comes to rest over topics of any content, and writes nothing more', async () => {
  for (let seed = 1; seed <= SEEDS; seed++)
    assert.deepEqual(await play(seed), { fault: null, written: 0 }, `seed ${seed}`)
})
