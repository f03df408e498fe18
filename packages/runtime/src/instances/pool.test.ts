import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HostOptions } from '../host/host.ts'
import type { InstanceSpec, ToHost } from '../host/messages.ts'
import type { LevelTable } from '../log/levels.ts'
import type { LogEntry } from '../log/log.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import type { Limits } from './limits.ts'
import { openPool } from './pool.ts'

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
  const hosts: (HostOptions & { open: boolean; posts: ToHost['type'][]; levels: LevelTable[] })[] = []
  const lines: LogEntry[] = []
  let tellLevels = (_: LevelTable) => {}
  let table: LevelTable = { root: 'warn' }
  const pool = openPool(
    (options) => {
      const host = { ...options, open: true, posts: [] as ToHost['type'][], levels: [] as LevelTable[] }
      hosts.push(host)
      return {
        post(message) {
          host.posts.push(message.type)
          if (message.type === 'levels') host.levels.push(message.levels)
        },
        withdraw: () => false,
        async [Symbol.asyncDispose]() {
          host.open = false
        },
      }
    },
    (entry) => lines.push(entry),
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
  /** What it posts first goes to its host alone. */
  const lease = (spec: InstanceSpec, own = limits) => {
    const one = pool.lease(spec, own, { receive() {}, died: () => died.push(spec.connector) })
    const before = hosts.map(({ posts }) => posts.length)
    one.post({ type: 'stop' })
    return { ...one, host: hosts.findIndex(({ posts }, at) => posts.length > (before[at] ?? 0)) }
  }
  return { hosts, lease, died, lines, pool, tellLevels: (next: LevelTable) => tellLevels(next) }
}

describe('the threads of connectors', () => {
  it('are those of one connector as long as there may be more', () => {
    const { lease } = openRig()
    assert.equal(lease(specOf('connector', 'a')).host, 0)
    assert.equal(lease(specOf('task', 'a')).host, 0)
    assert.equal(lease(specOf('connector', 'b')).host, 1)
  })

  it('are shared by those alone that add the same plugins to theirs', () => {
    const plugins: readonly PluginDescriptor[] = ['classpath', '/plugins/mask'].map((location, at) => ({
      kind: 'module',
      type: 'transformation',
      class: ['org.Cast', 'my.Mask'][at] ?? '',
      version: null,
      location,
      stamp: '',
      module: 'file:///t.ts',
      export: 'T',
    }))
    const { lease } = openRig()
    const hostOf = (name: string, type?: string) => {
      const connectorConfig = { 'connector.class': 'A', ...(type && { 'transforms.t.type': type }) }
      return lease({ ...specOf('connector', name), connectorConfig, worker: { ...worker, plugins } }).host
    }
    assert.deepEqual([hostOf('a'), hostOf('b', 'my.Mask')], [0, 1])
    assert.deepEqual([hostOf('c', 'org.Cast'), hostOf('d', 'Mask')], [0, 1])
  })

  it('know which lines are wanted before they run anything, and at each change', () => {
    const { lease, hosts, tellLevels } = openRig()
    lease(specOf('connector', 'a'))
    tellLevels({ root: 'debug' })
    lease(specOf('connector', 'b'))
    assert.deepEqual(
      hosts.map(({ levels }) => levels),
      [[{ root: 'warn' }, { root: 'debug' }], [{ root: 'debug' }]],
    )
    assert.equal(hosts[0]?.posts[0], 'levels')
  })

  it('are shared by connectors of a plugin then, the least busy first', () => {
    const { lease, hosts } = openRig()
    lease(specOf('connector', 'a'))
    lease(specOf('task', 'a'))
    lease(specOf('connector', 'b'))
    assert.equal(lease(specOf('connector', 'c')).host, 1)
    assert.equal(lease(specOf('task', 'c')).host, 1)
    assert.equal(lease(specOf('connector', 'd')).host, 0)
    assert.equal(hosts.length, 2)
  })

  it('are never shared by two plugins, nor with one that has limits of its own', () => {
    const { lease } = openRig()
    lease(specOf('connector', 'a'))
    lease(specOf('connector', 'b'))
    assert.equal(lease(specOf('connector', 'other', 'B')).host, 2)
    assert.equal(lease(specOf('connector', 'small'), { ...limits, memoryMaxMb: 32 }).host, 3)
    assert.equal(lease(specOf('connector', 'own'), { ...limits, threadsMax: Infinity }).host, 4)
  })

  it('are never shared by threads and processes; a connector whose limits change leaves those it had', async () => {
    const { lease, hosts } = openRig()
    const before = lease(specOf('connector', 'a'))
    const task = lease(specOf('task', 'a'))
    const own = { ...limits, isolation: 'process' } as const
    await before.release(false)
    assert.equal(lease(specOf('connector', 'a'), own).host, 1)
    assert.equal(lease(specOf('connector', 'b')).host, 0)
    assert.equal(lease(specOf('connector', 'c'), own).host, 1)
    assert.equal(lease(specOf('connector', 'd'), { ...own, memoryMaxMb: 32 }).host, 2)
    await task.release(false)
    assert.equal(lease(specOf('task', 'a'), own).host, 1)
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
    const { lease } = openRig()
    lease(specOf('connector', 'a'))
    lease(specOf('connector', 'b'))
    assert.equal(lease(specOf('check', 'c')).host, 2)
    assert.equal(lease(specOf('check', 'd')).host, 2)
    assert.equal(lease(specOf('connector', 'c')).host, 0)
    assert.equal(lease(specOf('connector', 'd')).host, 1)
    assert.equal(lease(specOf('check', 'e')).host, 2)
    // where it was checked, while there may be more threads
    const roomy = openRig()
    assert.equal(roomy.lease(specOf('check', 'a')).host, 0)
    assert.equal(roomy.lease(specOf('connector', 'a')).host, 0)
  })

  it('run the code of one moment each: what starts after a plugin has changed goes to others', async () => {
    const { lease, hosts, pool } = openRig()
    const plugin = (stamp: string): PluginDescriptor => ({
      kind: 'module',
      type: 'source',
      class: 'A',
      version: null,
      location: '/plugins/a',
      module: 'file:///plugins/a/index.js',
      export: 'A',
      stamp,
    })
    const after = (stamp: string, spec: InstanceSpec): InstanceSpec => ({
      ...spec,
      worker: { ...worker, plugins: [plugin(stamp)] },
    })
    const connector = lease(after('1', specOf('connector', 'a')))
    const task = lease(after('1', specOf('task', 'a')))
    await connector.release(false)
    assert.equal(pool.holds(after('1', specOf('connector', 'a')), limits), true)
    assert.equal(pool.holds(after('2', specOf('connector', 'a')), limits), false)
    assert.equal(lease(after('2', specOf('connector', 'a'))).host, 1)
    // there may be no more hosts, and that of before is not one to share
    assert.equal(lease(after('3', specOf('connector', 'b'))).host, 2)
    assert.equal(lease(after('2', specOf('connector', 'c'))).host, 1)
    // what goes on as it was is still where it was
    assert.equal(lease(after('1', specOf('task', 'a'))).host, 0)
    await task.release(false)
    assert.equal(hosts[0]?.open, true)
  })

  it('take no more instances once one has hung, and end with the last', async () => {
    const { lease, hosts } = openRig()
    const hung = lease(specOf('connector', 'a'))
    const task = lease(specOf('task', 'a'))
    await hung.release(true)
    assert.equal(hosts[0]?.open, true)
    assert.equal(lease(specOf('connector', 'a')).host, 1)
    assert.equal(lease(specOf('connector', 'b')).host, 1)
    await task.release(false)
    assert.equal(hosts[0]?.open, false)
  })

  it('take all their instances with them when they die', () => {
    const { lease, hosts, died } = openRig()
    lease(specOf('connector', 'a'))
    lease(specOf('connector', 'b'))
    lease(specOf('connector', 'c'))
    hosts[0]?.died(new Error('out of memory'))
    assert.deepEqual(died, ['a', 'c'])
    assert.equal(lease(specOf('connector', 'a')).host, 2)
  })

  it('that do not answer any more after one of theirs hung are ended, and all in them fail; those that answer go on', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { lease, died, hosts } = openRig()
    const hung = lease(specOf('connector', 'a'))
    lease(specOf('task', 'a'))
    await hung.release(true)
    hosts[0]?.receive({ type: 'pong' })
    t.mock.timers.tick(2000)
    assert.deepEqual(died, [])
    assert.equal(hosts[0]?.open, true)
    // nobody comes to it again
    const busy = lease(specOf('connector', 'a'))
    assert.equal(busy.host, 1)
    lease(specOf('connector', 'b'))
    lease(specOf('task', 'a'))
    await busy.release(true)
    t.mock.timers.tick(2000)
    assert.deepEqual(died, ['b', 'a'])
    assert.equal(hosts[1]?.open, false)
  })

  it('go on where they answer after several of theirs hung at once', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { lease, died, hosts } = openRig()
    const hung = [lease(specOf('connector', 'a')), lease(specOf('task', 'a'))]
    lease(specOf('task', 'a'))
    await Promise.all(hung.map((one) => one.release(true)))
    hosts[0]?.receive({ type: 'pong' })
    t.mock.timers.tick(2000)
    assert.deepEqual(died, [])
    assert.equal(hosts[0]?.open, true)
  })

  it('fill no log with what they print past it', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    const { lease, hosts, lines } = openRig()
    lease(specOf('connector', 'a'))
    for (let line = 0; line < 5000; line++) hosts[0]?.printed('stderr', `line ${line}`)
    assert.equal(lines.length, 1000)
    assert.deepEqual(lines[0], { level: 'warn', logger: 'stderr', context: '[a|worker]', message: 'line 0' })
    t.mock.timers.tick(1000)
    assert.match(lines.at(-1)?.message ?? '', /^4000 lines of output were left out/)
  })

  it('are watched where connectors share them: one that has not answered for a minute is ended', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    const { lease, died, hosts, pool } = openRig()
    lease(specOf('connector', 'a'))
    lease(specOf('connector', 'b'))
    lease(specOf('connector', 'c'))
    const shared = hosts.findIndex(({ posts }) => posts.filter((type) => type === 'stop').length > 1)
    for (let round = 0; round < 20; round++) {
      t.mock.timers.tick(10_000)
      hosts[shared]?.receive({ type: 'pong' })
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
