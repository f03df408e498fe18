import type { Cast } from './cast.ts'
import { openCoordinator } from './coordinator.ts'
import { happen } from './events.ts'
import { openPlant, type Runner } from './instances.ts'
import { openSharedTopic } from './topic.ts'
import { missing } from './whole.ts'
import { openSimWorker, type SimGroup } from './worker.ts'
import { openWorld } from './world.ts'

export interface Played {
  /** How long after the last event the group was whole. */
  readonly wholeAfterMs: number
  readonly fault: string | null
  readonly lines: readonly string[]
}

const CHAOS_MS = 20_000
/** A request to the leader may be without an answer for 90 s, and be repeated a minute later. */
const WHOLE_MS = 240_000
const LOOK_MS = 250
const PROTOCOLS = ['sessioned', 'sessioned', 'sessioned', 'compatible', 'eager']
const DELAYS = [0, 1000, 4000]

/** A group of workers to which things happen by chance, and which has to come to rest as it should. */
export async function play(seed: number): Promise<Played> {
  using world = openWorld(seed)
  const lines: string[] = []
  const log = (line: string) => void lines.push(`${world.now() % 1e7} ${line}`)
  const coordinator = openCoordinator(world)
  const plant = openPlant(world)
  const group: SimGroup = {
    world,
    coordinator,
    configTopic: openSharedTopic(world),
    statusTopic: openSharedTopic(world),
    plant,
    props: {
      'connect.protocol': PROTOCOLS[world.random(PROTOCOLS.length)] ?? '',
      'scheduled.rebalance.max.delay.ms': String(DELAYS[world.random(DELAYS.length)]),
    },
    log,
    listening: new Map(),
  }
  const cast: Cast = { group, workers: [], names: { workers: 0, connectors: 0 }, pending: new Set() }
  let fault: string | null = null
  const broken = (what: string) => {
    log(`FAULT ${what}`)
    fault ??= what
  }
  const shown = ({ key, process }: Runner) => `${key.replace('\u0000', '-')} at ${process.name}`
  plant.onStart = (runner) => {
    const members = coordinator.members()
    log(`starts ${shown(runner)}`)
    // it has slept and does not know yet that others have its work
    if (!members.has(runner.memberId)) return
    for (const other of plant.runners)
      if (other.key === runner.key && other.process.state !== 'dead' && members.has(other.memberId))
        broken(`${shown(runner)} starts while it runs at ${other.process.name}, which is a member`)
  }
  coordinator.onLeave = (memberId) => {
    for (const runner of plant.runners)
      if (runner.memberId === memberId && runner.process.state !== 'dead')
        broken(`${runner.process.name} leaves the group while ${shown(runner)} runs`)
  }

  const wholeAfterMs = await world.run(async () => {
    const count = 2 + world.random(3)
    for (let i = 0; i < count; i++) cast.workers.push(await openSimWorker(group, `w${++cast.names.workers}`))
    const end = world.now() + CHAOS_MS
    while (world.now() < end) {
      plant.trouble = world.chance(20) ? 20 : 2
      happen(cast)
      await world.sleep(world.chance(30) ? world.random(50) : world.random(1200))
    }
    await Promise.all(cast.pending)
    plant.trouble = 0
    for (const one of cast.workers) {
      one.link.state = 'up'
      one.link.loss = 0
    }
    log('--- nothing more happens')
    const since = world.now()
    for (;;) {
      const what = missing(group, cast.workers)
      if (what === null) return world.now() - since
      if (world.now() - since > WHOLE_MS) {
        broken(`not whole: ${what}`)
        return world.now() - since
      }
      await world.sleep(LOOK_MS)
    }
  })
  return { wholeAfterMs, fault, lines }
}
