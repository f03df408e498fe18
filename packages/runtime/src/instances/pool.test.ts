import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HostOptions } from '../host/host.ts'
import type { InstanceSpec } from '../host/messages.ts'
import type { LevelTable } from '../log/levels.ts'
import { type Limits, openPool } from './pool.ts'

const worker = { props: {}, clusterId: null, plugins: [] }
const specOf = (kind: 'connector' | 'task' | 'check', connector: string, className = 'A'): InstanceSpec => {
  const base = {
    connector,
    connectorConfig: { 'connector.class': className },
    target: 'STARTED',
    worker,
  } as const
  return kind === 'task' ? { ...base, kind, task: 0, taskConfig: {}, taskCount: 1 } : { ...base, kind }
}
const limits: Limits = { threads: 2, threadsMax: 2, isolation: 'thread', memoryMaxMb: 64 }

function openRig() {
  const hosts: (HostOptions & { open: boolean; posts: number[]; levels: LevelTable[] })[] = []
  let tellLevels = (_: LevelTable) => {}
  let table: LevelTable = { root: 'warn' }
  const pool = openPool(
    (options) => {
      const host = { ...options, open: true, posts: [] as number[], levels: [] as LevelTable[] }
      hosts.push(host)
      return {
        post(message) {
          host.posts.push(message.instance)
          if (message.type === 'levels') host.levels.push(message.levels)
        },
        withdraw: () => false,
        async [Symbol.asyncDispose]() {
          host.open = false
        },
      }
    },
    () => {},
    {
      table: () => table,
      watch(changed) {
        tellLevels = (next) => {
          table = next
          changed()
        }
        return { [Symbol.dispose]: () => (tellLevels = () => {}) }
      },
    },
  )
  const died: string[] = []
  const place = (spec: InstanceSpec, own = limits) => {
    const one = pool.place(spec, own, { receive() {}, died: () => died.push(spec.connector) })
    one.post({ instance: one.instance, type: 'stop' })
    return { ...one, host: hosts.findIndex(({ posts }) => posts.includes(one.instance)) }
  }
  return { hosts, place, died, pool, tellLevels: (next: LevelTable) => tellLevels(next) }
}

describe('the threads of connectors', () => {
  it('are those of one connector as long as there may be more', () => {
    const { place } = openRig()
    assert.equal(place(specOf('connector', 'a')).host, 0)
    assert.equal(place(specOf('task', 'a')).host, 0)
    assert.equal(place(specOf('connector', 'b')).host, 1)
  })

  it('know which lines are wanted before they run anything, and at each change', () => {
    const { place, hosts, tellLevels } = openRig()
    place(specOf('connector', 'a'))
    tellLevels({ root: 'debug' })
    place(specOf('connector', 'b'))
    assert.deepEqual(
      hosts.map(({ levels }) => levels),
      [[{ root: 'warn' }, { root: 'debug' }], [{ root: 'debug' }]],
    )
    assert.equal(hosts[0]?.posts[0], 0)
  })

  it('are shared by connectors of a plugin then, the least busy first', () => {
    const { place, hosts } = openRig()
    place(specOf('connector', 'a'))
    place(specOf('task', 'a'))
    place(specOf('connector', 'b'))
    assert.equal(place(specOf('connector', 'c')).host, 1)
    assert.equal(place(specOf('task', 'c')).host, 1)
    assert.equal(place(specOf('connector', 'd')).host, 0)
    assert.equal(hosts.length, 2)
  })

  it('are never shared by two plugins, nor with one that has limits of its own', () => {
    const { place } = openRig()
    place(specOf('connector', 'a'))
    place(specOf('connector', 'b'))
    assert.equal(place(specOf('connector', 'other', 'B')).host, 2)
    assert.equal(place(specOf('connector', 'small'), { ...limits, memoryMaxMb: 32 }).host, 3)
    assert.equal(place(specOf('connector', 'own'), { ...limits, threadsMax: Infinity }).host, 4)
  })

  it('are never shared by threads and processes; a connector whose limits change leaves those it had', async () => {
    const { place, hosts } = openRig()
    const before = place(specOf('connector', 'a'))
    const task = place(specOf('task', 'a'))
    const own = { ...limits, isolation: 'process' } as const
    await before.release(false)
    assert.equal(place(specOf('connector', 'a'), own).host, 1)
    assert.equal(place(specOf('connector', 'b')).host, 0)
    assert.equal(place(specOf('connector', 'c'), own).host, 1)
    assert.equal(place(specOf('connector', 'd'), { ...own, memoryMaxMb: 32 }).host, 2)
    await task.release(false)
    assert.equal(place(specOf('task', 'a'), own).host, 1)
    assert.deepEqual(
      hosts.map(({ isolation, memoryMaxMb }) => [isolation, memoryMaxMb]),
      [
        ['thread', 64],
        ['process', 64],
        ['process', 32],
      ],
    )
  })

  it('keep checks, which may hang, away from connectors of others', () => {
    const { place } = openRig()
    place(specOf('connector', 'a'))
    place(specOf('connector', 'b'))
    assert.equal(place(specOf('check', 'c')).host, 2)
    assert.equal(place(specOf('check', 'd')).host, 2)
    assert.equal(place(specOf('connector', 'c')).host, 0)
    assert.equal(place(specOf('connector', 'd')).host, 1)
    assert.equal(place(specOf('check', 'e')).host, 2)
    // where it was checked, while there may be more threads
    const roomy = openRig()
    assert.equal(roomy.place(specOf('check', 'a')).host, 0)
    assert.equal(roomy.place(specOf('connector', 'a')).host, 0)
  })

  it('take no more instances once one has hung, and end with the last', async () => {
    const { place, hosts } = openRig()
    const hung = place(specOf('connector', 'a'))
    const task = place(specOf('task', 'a'))
    await hung.release(true)
    assert.equal(hosts[0]?.open, true)
    assert.equal(place(specOf('connector', 'a')).host, 1)
    assert.equal(place(specOf('connector', 'b')).host, 1)
    await task.release(false)
    assert.equal(hosts[0]?.open, false)
  })

  it('take all their instances with them when they die', () => {
    const { place, hosts, died } = openRig()
    place(specOf('connector', 'a'))
    place(specOf('connector', 'b'))
    place(specOf('connector', 'c'))
    hosts[0]?.died(new Error('out of memory'))
    assert.deepEqual(died, ['a', 'c'])
    assert.equal(place(specOf('connector', 'a')).host, 2)
  })

  it('that do not answer any more after one of theirs hung are ended, and all in them fail; those that answer go on', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { place, died, hosts } = openRig()
    const hung = place(specOf('connector', 'a'))
    place(specOf('task', 'a'))
    await hung.release(true)
    hosts[0]?.receive({
      type: 'answer',
      instance: 0,
      id: 0,
      error: { message: 'The instance has ended', code: 'state' },
    })
    t.mock.timers.tick(2000)
    assert.deepEqual(died, [])
    assert.equal(hosts[0]?.open, true)
    // nobody comes to it again
    const busy = place(specOf('connector', 'a'))
    assert.equal(busy.host, 1)
    place(specOf('connector', 'b'))
    place(specOf('task', 'a'))
    await busy.release(true)
    t.mock.timers.tick(2000)
    assert.deepEqual(died, ['b', 'a'])
    assert.equal(hosts[1]?.open, false)
  })

  it('are watched where connectors share them: one that has not answered for a minute is ended', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    const { place, died, hosts, pool } = openRig()
    place(specOf('connector', 'a'))
    place(specOf('connector', 'b'))
    place(specOf('connector', 'c'))
    const answer = (host: number) =>
      hosts[host]?.receive({
        type: 'answer',
        instance: 0,
        id: 0,
        error: { message: 'The instance has ended', code: 'state' },
      })
    const shared = hosts.findIndex(({ posts }) => posts.length > 1)
    for (let round = 0; round < 20; round++) {
      t.mock.timers.tick(10_000)
      answer(shared)
    }
    assert.deepEqual(died, [])
    t.mock.timers.tick(60_000)
    assert.deepEqual(died, [])
    t.mock.timers.tick(10_000)
    assert.equal(died.length, 2)
    assert.equal(hosts[shared]?.open, false)
    // one that a connector has for itself is its own affair
    assert.equal(hosts[1 - shared]?.open, true)
    await pool[Symbol.asyncDispose]()
  })
})
