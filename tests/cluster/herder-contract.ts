import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { type Client, RequestError } from '@isthmus/client'
import { eventually } from '../process/eventually.ts'

/** A worker, or the whole of a group: through `clients` all of its members are asked. */
export interface Cluster extends AsyncDisposable {
  readonly clients: readonly [Client, ...Client[]]
}

const words = { 'connector.class': 'test.WordsConnector', words: 'a b' }

/** What users may rely on, whether one worker answers or a group does. */
export function herderContract(name: string, open: () => Promise<Cluster>): void {
  describe(`connectors given to ${name}`, () => {
    /** Each member in turn, so that none is special. */
    const turning = ({ clients }: Cluster) => {
      let turn = 0
      return (): Client => clients[turn++ % clients.length] ?? clients[0]
    }
    const everywhere = (what: string, { clients }: Cluster, holds: (client: Client) => Promise<boolean>) =>
      Promise.all(clients.map((client) => eventually(what, () => holds(client))))
    const statesOf = async (client: Client, connector: string) => {
      const { connector: one, tasks } = await client.status(connector).catch(refused)
      return [one?.state ?? 'none', ...(tasks ?? []).map(({ state }) => state)].join(' ')
    }
    const refused = (error: unknown) => {
      if (error instanceof RequestError && error.status === 404) return { connector: null, tasks: [] }
      throw error
    }
    const become = (cluster: Cluster, connector: string, states: string) =>
      everywhere(
        `${connector}: ${states}`,
        cluster,
        async (client) => (await statesOf(client, connector)) === states,
      )

    it('are created once, changed, patched and deleted', async () => {
      await using cluster = await open()
      const next = turning(cluster)
      const { name, config, type } = await next().create({ name: 'c', config: words })
      assert.deepEqual({ name, config, type }, { name: 'c', config: { ...words, name: 'c' }, type: 'source' })
      await assert.rejects(next().create({ name: 'c', config: words }), {
        status: 409,
        message: 'Connector c already exists',
      })
      await become(cluster, 'c', 'RUNNING RUNNING')
      const { created } = await next().put('c', { ...words, count: '2', 'tasks.max': '2' })
      assert.equal(created, false)
      await become(cluster, 'c', 'RUNNING RUNNING RUNNING')
      await assert.rejects(next().put('c', { ...words, 'connector.class': ' test.WordsConnector ' }), {
        status: 400,
        message: /^Failed to find any class .* which name matches {2}test\.WordsConnector , available/,
      })
      const patched = await next().patch('c', { count: null, 'tasks.max': null, topic: 'other' })
      assert.deepEqual(patched.config, { ...words, name: 'c', topic: 'other' })
      await become(cluster, 'c', 'RUNNING RUNNING')
      await everywhere(
        'the new config',
        cluster,
        async (client) => (await client.tasks('c'))[0]?.config['topic'] === 'other',
      )
      await next().delete('c')
      await everywhere('deleted', cluster, async (client) => (await client.connectors()).length === 0)
      await become(cluster, 'c', 'none')
    })

    it('are answered with the tasks of their config when it changes, however soon that is', async () => {
      await using cluster = await open()
      const next = turning(cluster)
      await next().create({ name: 'c', config: words })
      const tasks = (count: number) => Array.from({ length: count }, (_, task) => ({ connector: 'c', task }))
      const put = (count: number) => next().put('c', { ...words, count: `${count}`, 'tasks.max': `${count}` })
      assert.deepEqual((await put(1)).info.tasks, tasks(1))
      // what the first config made is behind it: until then it may come late, and looks like that of the second
      await become(cluster, 'c', 'RUNNING RUNNING')
      for (const count of [2, 3, 1]) assert.deepEqual((await put(count)).info.tasks, tasks(count))
      assert.deepEqual((await next().patch('c', { count: '2', 'tasks.max': '2' })).tasks, tasks(2))
      assert.deepEqual((await next().patch('c', { topic: 'other' })).tasks, tasks(2))
    })

    it('are refused with the same words for what is unknown or wrong', async () => {
      await using cluster = await open()
      for (const client of cluster.clients) {
        const unknown = (request: Promise<unknown>, message: string) =>
          assert.rejects(request, { status: 404, message })
        await unknown(client.connector('x'), 'Connector x not found')
        await unknown(client.delete('x'), 'Connector x not found')
        await unknown(client.patch('x', {}), 'Connector x not found')
        await unknown(client.pause('x'), 'Unknown connector x')
        await unknown(client.resume('x'), 'Unknown connector x')
        await unknown(client.stop('x'), 'Unknown connector x')
        await unknown(client.restart('x'), 'Unknown connector: x')
        await unknown(client.restart('x', { includeTasks: true }), 'Unknown connector: x')
        await unknown(client.restartTask('x', 0), 'Unknown connector: x')
        await unknown(client.status('x'), 'No status found for connector x')
        await unknown(client.taskStatus('x', 0), 'No status found for task x-0')
        await unknown(client.offsets('x'), 'Connector x not found')
        await unknown(client.resetOffsets('x'), 'Connector x not found')
        const wrong = (config: { readonly [name: string]: string }, message: RegExp | string) =>
          assert.rejects(client.put('x', config), { status: 400, message })
        await wrong({ words: 'a' }, 'Connector config {words=a, name=x} contains no connector type')
        await wrong({ 'connector.class': 'Nothing' }, /^Failed to find any class that implements Connector/)
        await wrong(
          { ...words, 'tasks.max': '0' },
          /^Connector configuration is invalid and contains the following 1 error/,
        )
        await wrong({ ...words, name: 'y' }, /doesn't match connector name in the URL \(x\)$/)
      }
    })

    it('are paused, resumed and stopped', async () => {
      await using cluster = await open()
      const next = turning(cluster)
      await next().create({ name: 'c', config: words })
      await become(cluster, 'c', 'RUNNING RUNNING')
      await next().pause('c')
      await become(cluster, 'c', 'PAUSED PAUSED')
      await next().resume('c')
      await become(cluster, 'c', 'RUNNING RUNNING')
      await next().stop('c')
      await become(cluster, 'c', 'STOPPED')
      assert.deepEqual(await next().tasks('c'), [])
      await next().stop('c')
      await next().resume('c')
      await become(cluster, 'c', 'RUNNING RUNNING')
    })

    it('begin in the state that is asked for', async () => {
      await using cluster = await open()
      const next = turning(cluster)
      for (const state of ['PAUSED', 'STOPPED'] as const) {
        await next().create({ name: state, config: words, initial_state: state })
        await become(cluster, state, state)
        await next().resume(state)
        await become(cluster, state, 'RUNNING RUNNING')
      }
    })

    it('are restarted, whole or in part', async () => {
      await using cluster = await open()
      const next = turning(cluster)
      await next().create({ name: 'c', config: { ...words, fault: 'poll' } })
      await become(cluster, 'c', 'RUNNING FAILED')
      const answer = await next().restart('c', { includeTasks: true, onlyFailed: true })
      assert.deepEqual(
        [answer?.connector.state, ...(answer?.tasks ?? []).map(({ state }) => state)],
        ['RUNNING', 'RESTARTING'],
      )
      await become(cluster, 'c', 'RUNNING FAILED')
      for (const _ of cluster.clients) {
        await next().restartTask('c', 0)
        await become(cluster, 'c', 'RUNNING FAILED')
        await next().restart('c')
        await become(cluster, 'c', 'RUNNING FAILED')
      }
      await assert.rejects(next().restartTask('c', 9), { status: 404, message: 'Unknown task: c-9' })
    })

    const keptIn = (where: string, more: { readonly [name: string]: string }) =>
      it(`keep offsets in ${where} that can be seen, and set while they are stopped`, async () => {
        await using cluster = await open()
        const next = turning(cluster)
        await next().create({ name: 'c', config: { ...words, ...more } })
        await everywhere(
          'the offset',
          cluster,
          async (client) => (await client.offsets('c'))[0]?.offset?.['next'] === 2,
        )
        await assert.rejects(next().resetOffsets('c'), {
          status: 400,
          message: /^Connectors must be in the STOPPED state before their offsets can be modified\./,
        })
        await next().stop('c')
        await become(cluster, 'c', 'STOPPED')
        assert.match(
          await next().alterOffsets('c', [{ partition: { words: 'words' }, offset: { next: 1 } }]),
          /have been altered successfully/,
        )
        await everywhere(
          'the new offset',
          cluster,
          async (client) => (await client.offsets('c'))[0]?.offset?.['next'] === 1,
        )
        assert.match(await next().resetOffsets('c'), /have been reset successfully/)
        await everywhere('no offset', cluster, async (client) => (await client.offsets('c')).length === 0)
      })
    keptIn('the place of their workers', {})
    keptIn('a topic of their own', { 'offsets.storage.topic': `own-${randomUUID()}` })

    it('show the topics that they use, until these are reset', async () => {
      await using cluster = await open()
      const next = turning(cluster)
      await next().create({ name: 'c', config: { ...words, topic: 't1' } })
      await everywhere('the topic', cluster, async (client) => (await client.topics('c')).includes('t1'))
      await next().stop('c')
      await become(cluster, 'c', 'STOPPED')
      await next().resetTopics('c')
      await everywhere('no topic', cluster, async (client) => (await client.topics('c')).length === 0)
    })

    it('stay what they are when many change at once', async () => {
      await using cluster = await open()
      const next = turning(cluster)
      const names = Array.from({ length: 12 }, (_, i) => `many-${i}`)
      await Promise.all(names.map((name) => next().put(name, words)))
      for (const name of names) await become(cluster, name, 'RUNNING RUNNING')
      await Promise.all(names.map((name, i) => (i % 2 === 0 ? next().delete(name) : next().pause(name))))
      await everywhere('half are left', cluster, async (client) => (await client.connectors()).length === 6)
      for (const [i, name] of names.entries())
        await become(cluster, name, i % 2 === 0 ? 'none' : 'PAUSED PAUSED')
    })
  })
}
