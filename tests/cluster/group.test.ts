import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { brokers, type Member, openGroup as openGroupOn } from './cluster.ts'
import { running, starts, twice } from './plugins.ts'
import { allRun, loadsOf, namesOf, placesOf } from './watch.ts'

const present = (tasks: number, more: { readonly [name: string]: string } = {}) => ({
  'connector.class': 'test.PresentConnector',
  'tasks.max': String(tasks),
  tasks: String(tasks),
  ...more,
})
const first = (members: readonly Member[]): Member => {
  const [one] = members
  assert.ok(one)
  return one
}

for (const { name: where, kafka } of brokers)
  describe(`a group of workers on ${where}`, () => {
    const openGroup = (count: number, props: { readonly [name: string]: string } = {}) =>
      openGroupOn(count, props, { kafka })

    for (const protocol of ['sessioned', 'compatible', 'eager'])
      it(`shares connectors and tasks among its members (${protocol})`, async () => {
        await using group = await openGroup(3, { 'connect.protocol': protocol })
        twice.length = 0
        const names = ['a', 'b', 'c'].map((name) => `${protocol}-${name}`)
        // each by another worker: two of them must leave it to the leader
        for (const [i, name] of names.entries())
          await group.members[i]!.client.create({ name, config: present(3) })
        const places = await allRun(group.members, namesOf(names, 3))
        assert.deepEqual(loadsOf(places, group), [4, 4, 4])
        for (const name of namesOf(names, 3).filter((one) => /\d$/.test(one)))
          assert.ok(running.has(name), name)
        assert.deepEqual(twice, [])
      })

    it('gives the work of a worker that leaves to the others, and a share to one that comes', async () => {
      await using group = await openGroup(3)
      twice.length = 0
      const names = ['leave-a', 'leave-b', 'leave-c']
      for (const name of names) await first(group.members).client.create({ name, config: present(3) })
      await allRun(group.members, namesOf(names, 3))
      const gone = first(group.members)
      await gone[Symbol.asyncDispose]()
      const left = group.members.filter((member) => member !== gone)
      await eventually('the rest of the group runs everything', async () => {
        const places = await placesOf(first(left))
        return places.size === 12 && ![...places.values()].includes(gone.id)
      })
      const come = await group.open()
      await eventually('the new worker has its share', async () => {
        const places = await placesOf(come)
        return places.size === 12 && [...places.values()].filter((place) => place === come.id).length === 4
      })
      assert.deepEqual(twice, [])
    })

    it('follows what any of its workers is told: pause, resume, stop, new configs, deletion', async () => {
      await using group = await openGroup(3)
      const [one, two, three] = group.members as [Member, Member, Member]
      const { created, info } = await one.client.put('life', present(2))
      assert.ok(created)
      assert.equal(info.name, 'life')
      await allRun(group.members, namesOf(['life'], 2))
      const states = async (member: Member) => {
        const { connector, tasks } = await member.client.status('life')
        return [connector.state, ...tasks.map(({ state }) => state)].join(' ')
      }
      const become = (wanted: string) =>
        Promise.all(
          group.members.map((member) => eventually(wanted, async () => (await states(member)) === wanted)),
        )
      await two.client.pause('life')
      await become('PAUSED PAUSED PAUSED')
      await three.client.resume('life')
      await become('RUNNING RUNNING RUNNING')
      await two.client.stop('life')
      await become('STOPPED')
      await one.client.resume('life')
      await become('RUNNING RUNNING RUNNING')
      const changed = await three.client.put('life', present(4))
      assert.ok(!changed.created)
      await become('RUNNING RUNNING RUNNING RUNNING RUNNING')
      await two.client.patch('life', { tasks: '1' })
      await become('RUNNING RUNNING')
      await three.client.delete('life')
      await eventually('gone', async () =>
        (await Promise.all(group.members.map((member) => member.client.connectors()))).every(
          (names) => names.length === 0,
        ),
      )
      await eventually('no status is left', () =>
        one.client.status('life').then(
          () => false,
          () => true,
        ),
      )
    })

    it('restarts what it is asked to, wherever it runs', async () => {
      await using group = await openGroup(3)
      await first(group.members).client.create({ name: 'again', config: present(2) })
      await allRun(group.members, namesOf(['again'], 2))
      const startsOf = (task: number) => starts.get(`again-${task}`) ?? 0
      for (const { client } of group.members) {
        const before = startsOf(1)
        await client.restartTask('again', 1)
        await eventually('the task starts again', () => startsOf(1) === before + 1)
        await client.restart('again')
      }
      const before = [startsOf(0), startsOf(1)]
      const state = await group.members[1]!.client.restart('again', { includeTasks: true })
      assert.deepEqual(
        [state?.connector.state, ...(state?.tasks ?? []).map((task) => task.state)],
        ['RESTARTING', 'RESTARTING', 'RESTARTING'],
      )
      await eventually(
        'all start again',
        () => startsOf(0) === before[0]! + 1 && startsOf(1) === before[1]! + 1,
      )
      await allRun(group.members, namesOf(['again'], 2))
      for (const { client } of group.members) {
        await assert.rejects(client.restart('nothing'), {
          status: 404,
          message: 'Unknown connector: nothing',
        })
        await assert.rejects(client.restartTask('again', 7), {
          status: 404,
          message: 'Unknown task: again-7',
        })
      }
    })

    it('answers refusals of the leader at every worker', async () => {
      await using group = await openGroup(3)
      await first(group.members).client.create({ name: 'known', config: present(1) })
      for (const { client, url } of group.members) {
        await assert.rejects(client.create({ name: 'known', config: present(1) }), {
          status: 409,
          message: 'Connector known already exists',
        })
        await assert.rejects(client.delete('unknown'), {
          status: 404,
          message: 'Connector unknown not found',
        })
        await assert.rejects(client.put('x', { 'connector.class': 'Nothing' }), {
          status: 400,
          message: /^Failed to find any class that implements Connector and which name matches Nothing/,
        })
        const answer = await fetch(`${url}connectors`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name: `at ${url.length}-${new URL(url).port}`, config: present(1) }),
        })
        assert.equal(answer.status, 201)
        const location = answer.headers.get('location') ?? ''
        assert.ok(location.startsWith(`${url}connectors/at%20`))
        // a worker knows what it has passed on
        assert.equal((await fetch(location)).status, 200)
      }
    })

    it('reports a connector that cannot start at once, everywhere', async () => {
      await using group = await openGroup(2)
      await first(group.members).client.create({ name: 'bad', config: present(1, { fault: 'start' }) })
      for (const { client } of group.members)
        await eventually('failed', async () => {
          const { connector } = await client.status('bad').catch(() => ({ connector: null }))
          return connector?.state === 'FAILED' && connector.trace?.includes('no start today')
        })
    })

    it('reports a connector that its worker does not know at once, and goes on with the rest', async () => {
      await using group = await openGroup(1)
      const poor = await group.open({}, { without: ['test.PresentConnector'] })
      await poor.herder.responsive(AbortSignal.timeout(30_000))
      const names = ['known-a', 'known-b']
      for (const name of names) await first(group.members).client.create({ name, config: present(1) })
      await eventually('one runs, the other cannot', async () => {
        const all = await Promise.all(
          names.map((name) => poor.client.status(name).catch(() => ({ connector: null }))),
        )
        const failed = all.find(({ connector }) => connector?.worker_id === poor.id)?.connector
        const works = all.find(({ connector }) => connector?.worker_id !== poor.id)?.connector
        return (
          works?.state === 'RUNNING' &&
          failed?.state === 'FAILED' &&
          failed.trace?.includes('Failed to find any class that implements Connector')
        )
      })
    })

    it('sets a log level on all workers', async () => {
      await using group = await openGroup(2)
      const answer = await fetch(`${first(group.members).url}admin/loggers/some.logger?scope=cluster`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: '{"level":"trace"}',
      })
      assert.equal(answer.status, 204)
      for (const { levels } of group.members)
        await eventually('the level', () => levels.level('some.logger')?.level === 'TRACE')
    })

    it('takes task configs from its own workers only', async () => {
      await using group = await openGroup(2)
      await first(group.members).client.create({ name: 'mine', config: present(1) })
      await allRun(group.members, ['mine', 'mine-0'])
      for (const { url } of group.members) {
        const answer = await fetch(`${url}connectors/mine/tasks`, { method: 'POST', body: '[{"x":"1"}]' })
        assert.equal(answer.status, 400)
        assert.deepEqual(await answer.json(), {
          error_code: 400,
          message: 'Internal request missing required signature',
        })
      }
      assert.equal((await first(group.members).client.tasks('mine'))[0]?.config['x'], undefined)
    })

    it('renews the key with which its workers sign, and goes on', async () => {
      await using group = await openGroup(2, { 'inter.worker.key.ttl.ms': '300' })
      const renewed = () =>
        group.members.flatMap(({ lines }) => lines.filter((line) => line.includes('new session key'))).length
      await eventually('the key was renewed twice', () => renewed() >= 3)
      const names = ['key-a', 'key-b', 'key-c', 'key-d']
      for (const name of names) await first(group.members).client.create({ name, config: present(2) })
      await allRun(group.members, namesOf(names, 2))
    })
  })
