import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asked, openGroupRig, type Told, waits } from '../testing/group-rig.ts'
import type { JoinAnswer, SyncAnswer } from './group.ts'

/** Reproducible, so that a failure can be played again by its seed. */
function randomness(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const REBALANCE_MS = 20_000
const SESSION_MS = 10_000

/** A client that does something arbitrary, though mostly what a client does. */
interface Actor {
  readonly instanceId: string | null
  memberId: string
  generation: number
  joining: Asked<Told<JoinAnswer>> | null
  joinedAt: number
  syncing: Asked<Told<SyncAnswer>> | null
}

async function play(seed: number): Promise<void> {
  const random = randomness(seed)
  const delay = random(3) === 0 ? '3000' : '0'
  let g = openGroupRig({ 'group.initial.rebalance.delay.ms': delay })
  const actors: Actor[] = Array.from({ length: 5 }, (_, i) => ({
    instanceId: i < 2 ? `instance-${i}` : null,
    memberId: '',
    generation: -1,
    joining: null,
    joinedAt: 0,
    syncing: null,
  }))
  const told = new Map<number, { leader: string; protocol: string; size: number | null }>()

  function heardJoin(actor: Actor, answer: Told<JoinAnswer>): void {
    actor.joining = null
    if (answer.error === 'MEMBER_ID_REQUIRED') actor.memberId = answer.memberId ?? ''
    if (answer.error === 'UNKNOWN_MEMBER_ID' || answer.error === 'FENCED_INSTANCE_ID') actor.memberId = ''
    if (answer.error !== 'NONE') return
    actor.memberId = answer.memberId ?? ''
    actor.generation = answer.generationId ?? -1
    const leader = answer.leader ?? ''
    const known = told.get(actor.generation)
    const isLeader = leader === answer.memberId
    // a static leader that comes back in the same generation leads it under a new id
    if (
      known &&
      actor.instanceId === null &&
      !leader.startsWith('instance-') &&
      !known.leader.startsWith('instance-')
    )
      assert.equal(leader, known.leader, `generation ${actor.generation} has two leaders`)
    if (known) assert.equal(answer.protocolName, known.protocol, 'a generation has one protocol')
    if (isLeader) assert.ok((answer.members?.length ?? 0) > 0, 'a leader is told who the members are')
    else assert.equal(answer.members?.length ?? 0, 0, 'a follower is not')
    told.set(actor.generation, { leader, protocol: answer.protocolName ?? '', size: null })
  }

  function listen(): void {
    for (const actor of actors) {
      if (actor.joining?.answer) heardJoin(actor, actor.joining.answer)
      if (!actor.syncing?.answer) continue
      if (actor.syncing.answer.error === 'UNKNOWN_MEMBER_ID') actor.memberId = ''
      actor.syncing = null
    }
  }

  async function act(actor: Actor): Promise<void> {
    const instance = actor.instanceId === null ? {} : { instanceId: actor.instanceId }
    switch (random(8)) {
      case 0:
      case 1:
      case 2:
        if (actor.joining) return
        actor.joining = await g.join({
          memberId: actor.memberId,
          ...instance,
          sessionTimeoutMs: SESSION_MS,
          rebalanceTimeoutMs: REBALANCE_MS,
          protocols: random(2) === 0 ? ['range', 'sticky'] : ['sticky', 'range'],
          metadata: String(random(3)),
        })
        actor.joinedAt = g.timers.now()
        return
      case 3:
      case 4:
        if (actor.joining || actor.syncing || actor.memberId === '') return
        actor.syncing = await g.sync(actor.memberId, actor.generation, { [actor.memberId]: 'mine' }, instance)
        return
      case 5:
      case 6:
        if (
          !actor.joining &&
          g.beat(actor.memberId, actor.generation, actor.instanceId) === 'UNKNOWN_MEMBER_ID'
        )
          actor.memberId = ''
        return
      default:
        // leaves, or dies without a word
        if (random(3) === 0) g.leave({ memberId: actor.memberId, ...instance })
        if (random(2) === 0) Object.assign(actor, { memberId: '', joining: null, syncing: null })
    }
  }

  for (let step = 0; step < 120; step++) {
    const actor = actors[random(actors.length)]
    if (actor) await act(actor)
    listen()
    if (random(4) === 0) {
      g.timers.advance(random(6_000))
      await g.settle()
      listen()
    }
    // nobody waits longer than the rebalance timeout, plus the first delay and what members' own first joins may take
    for (const { joining, joinedAt } of actors)
      if (joining && waits(joining))
        assert.ok(
          g.timers.now() - joinedAt <= 2 * REBALANCE_MS + SESSION_MS,
          `seed ${seed}: a member waits for ever`,
        )
    if (random(40) === 0) {
      g = g.restart(random(2_000))
      for (const a of actors) Object.assign(a, { joining: null, syncing: null })
      // as in Kafka, a generation is written with its assignment; one that had none yet is as if it had never been
      for (const generation of told.keys())
        if (generation > (g.groups.known('g')?.generation ?? 0)) told.delete(generation)
    }
  }

  // silence: everything that was waiting is answered, and nothing is left behind
  g.timers.advance(2_000_000)
  await g.settle()
  listen()
  for (const { joining, syncing } of actors) {
    assert.ok(!joining || !waits(joining), `seed ${seed}: a join was never answered`)
    assert.ok(!syncing || !waits(syncing), `seed ${seed}: a sync was never answered`)
  }
  const group = g.groups.known('g')
  assert.equal(group?.members.size ?? 0, 0, `seed ${seed}: members outlive their sessions`)
  assert.equal(g.timers.pending, 0, `seed ${seed}: timers outlive their members`)
}

test('whatever members do: one leader a generation, nobody waits for ever, silence empties the group', async () => {
  for (let seed = 1; seed <= 300; seed++) await play(seed)
})
