import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { type Member, openGroup } from './cluster.ts'
import { starts, twice } from './plugins.ts'
import { allRun, namesOf, placesOf } from './watch.ts'

const present = (tasks: number) => ({
  'connector.class': 'test.PresentConnector',
  'tasks.max': String(tasks),
  tasks: String(tasks),
})
const startsOf = (names: readonly string[]) => new Map(names.map((name) => [name, starts.get(name) ?? 0]))
const isTask = (name: string) => /-\d+$/.test(name)

describe('a group of workers that is changed one by one', () => {
  it('keeps the work of a worker that is restarted for it, and moves nothing else', async () => {
    await using group = await openGroup(3, { 'scheduled.rebalance.max.delay.ms': '20000' })
    const names = ['roll-x', 'roll-y', 'roll-z']
    const everything = namesOf(names, 2)
    for (const name of names) await group.members[0]!.client.create({ name, config: present(2) })
    const before = await allRun(group.members, everything)
    const [, gone, other] = group.members as [Member, Member, Member]
    const counted = startsOf(everything.filter(isTask))
    twice.length = 0
    const began = performance.now()
    await gone[Symbol.asyncDispose]()
    const back = await group.open()
    await eventually('the new worker runs what the old one ran', async () => {
      const places = await placesOf(other)
      return everything.every(
        (name) => places.get(name) === (before.get(name) === gone.id ? back.id : before.get(name)),
      )
    })
    assert.ok(performance.now() - began >= 15_000, 'not before the delay')
    for (const [name, count] of counted)
      assert.equal(starts.get(name), count + (before.get(name) === gone.id ? 1 : 0), name)
    assert.deepEqual(twice, [])
  })

  it('falls back to the oldest protocol of its members, and goes on with the newest they share', async () => {
    await using group = await openGroup(2)
    const names = ['proto-x', 'proto-y']
    const everything = namesOf(names, 3)
    for (const name of names) await group.members[0]!.client.create({ name, config: present(3) })
    await allRun(group.members, everything)
    twice.length = 0
    const old = await group.open({ 'connect.protocol': 'eager' })
    await eventually('the old worker has a share', async () => {
      const places = await placesOf(old)
      return places.size === everything.length && [...places.values()].includes(old.id)
    })
    await old.client.create({ name: 'proto-z', config: present(3) })
    await allRun(group.members, [...everything, ...namesOf(['proto-z'], 3)])
    await old[Symbol.asyncDispose]()
    const left = group.members.filter((member) => member !== old)
    await eventually('the others run everything', async () => {
      const places = await placesOf(left[0]!)
      return places.size === 12 && ![...places.values()].includes(old.id)
    })
    const answer = await fetch(`${left[1]!.url}connectors/proto-x/tasks`, { method: 'POST', body: '[]' })
    assert.equal(answer.status, 400, 'signatures are asked for again')
    assert.deepEqual(twice, [])
  })
})
