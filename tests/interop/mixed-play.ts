import { eventually } from '../process/eventually.ts'
import { openCopies } from './copies.ts'
import { sinkOf } from './files.ts'
import { type Kind, type MixedGroup, openMixedGroup } from './group.ts'
import { reporting } from './report.ts'
import { inState, insist, placesOf } from './watch.ts'

const PAIRS = 3
const PART = 500

export interface MixedPlay {
  readonly bootstrapServers: string
  /** The first of a group leads it: the other's writes are forwarded to it, and its task configs are sent to it, signed. */
  readonly leader: Kind
  readonly follower: Kind
  readonly protocol: 'sessioned' | 'compatible' | 'eager'
  /** Also what is the same by all protocols. */
  readonly whole: boolean
}

/** A worker of each kind in one group: they share the work, manage it through either, and one goes on when the other has left. */
export async function playMixed(play: MixedPlay): Promise<void> {
  await using group = await openMixedGroup(play.bootstrapServers, { 'connect.protocol': play.protocol })
  await reporting(group, () => playIn(group, play))
}

async function playIn(group: MixedGroup, { leader, follower, whole }: MixedPlay): Promise<void> {
  const first = await group.start(leader)
  const second = await group.start(follower)
  const both = [first, second]
  // through the follower, which forwards to its leader, and through the leader
  const copies = await openCopies(group, PAIRS, [second, first])
  await copies.write(PART)
  await copies.runOn(both)
  await copies.arrived()

  // each side manages what the other may run; that is the same by all protocols
  if (whole) {
    await insist('pausing', () => first.client.pause(copies.source(0)))
    await inState(both, copies.source(0), 'PAUSED')
    await insist('resuming', () => second.client.resume(copies.source(0)))
    await inState(both, copies.source(0), 'RUNNING')
    await insist('stopping', () => second.client.stop(copies.source(1)))
    await inState(both, copies.source(1), 'STOPPED', 0)
    await insist('resuming', () => first.client.resume(copies.source(1)))
    await inState(both, copies.source(1), 'RUNNING')
    await insist('reconfiguring', () => second.client.patch(copies.sink(1), { 'tasks.max': '2' }))
    await inState(both, copies.sink(1), 'RUNNING', 2)
    for (const one of both)
      await insist('restarting', () => one.client.restart(copies.sink(0), { includeTasks: true }))
    await inState(both, copies.sink(0), 'RUNNING')
    await insist('deleting', () => second.client.delete(copies.sink(2)))
    await insist('creating', () =>
      second.client.put(copies.sink(2), sinkOf(`${group.id}-2`, copies.outputOf(2))),
    )
    await inState(both, copies.sink(2), 'RUNNING')
  }
  await copies.write(PART)
  await copies.arrived()

  // the other leads from now on
  await first.stop()
  for (const name of copies.names)
    await inState([second], name, 'RUNNING', whole && name === copies.sink(1) ? 2 : 1)
  await eventually('all is on the one that is left', async () => {
    const places = await placesOf(second.client)
    return places.size === 1 && places.has(second.id)
  })
  await copies.write(PART)
  await copies.arrived()
}
