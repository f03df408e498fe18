import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Membership, MembershipEvent, MembershipOptions } from '@isthmus/kafka'
import { type Assignment, decodeMetadata, encodeAssignment } from '../../group/protocol.ts'
import { openMemoryConfigs, openMemoryStatuses } from '../../store/memory.ts'
import type { ConfigStore } from '../../store/stores.ts'
import { until } from '../../testing/until.ts'
import { groupCore } from '../../testing/worker-core.ts'
import { openSerial } from '../serial.ts'
import { openGroupLoop } from './group-loop.ts'
import { openLeader } from './leader.ts'
import { openStanding } from './standing.ts'
import { openWorkerMembership } from './worker-membership.ts'

const NONE = { connectors: [], tasks: [] }

/** With offsets, as a store in a topic has them. */
function numbered(store: ConfigStore): ConfigStore {
  let seen = store.snapshot()
  let shown = { ...seen, offset: 0 }
  return {
    ...store,
    snapshot() {
      if (seen !== store.snapshot()) {
        seen = store.snapshot()
        shown = { ...seen, offset: seen.version }
      }
      return shown
    },
  }
}

/** A loop whose group is this test. */
async function loopOf({ protocol = 'sessioned' as 'sessioned' | 'eager', maxDelayMs = 1000 } = {}) {
  const configs = numbered(openMemoryConfigs())
  const statuses = openMemoryStatuses()
  let ahead = 0
  const now = () => Date.now() + ahead
  const did: string[] = []
  const events: MembershipEvent[] = []
  let more = Promise.withResolvers<void>()
  let broken: Error | null = null
  let options: MembershipOptions | null = null
  const membership: Membership = {
    async *events(signal) {
      signal.addEventListener('abort', () => more.resolve())
      while (!signal.aborted) {
        for (let event = events.shift(); event !== undefined; event = events.shift()) yield event
        await more.promise
        if (broken !== null) throw broken
        more = Promise.withResolvers()
      }
    },
    rejoin: (reason) => void did.push(`rejoin: ${reason}`),
    leave: (reason) => void did.push(`leave: ${reason}`),
    generation: 1,
    memberId: 'me',
    groupInstanceId: null,
    async close() {},
    async [Symbol.asyncDispose]() {},
  }
  const core = groupCore({
    props: {
      'connect.protocol': protocol,
      'scheduled.rebalance.max.delay.ms': String(maxDelayMs),
      'worker.sync.timeout.ms': '100',
      'rebalance.timeout.ms': '60000',
    },
    stores: { configs, statuses },
    now,
  })
  const leader = openLeader(core, openSerial())
  const standing = openStanding(configs)
  const openMembership = (given: MembershipOptions) => {
    options = given
    return membership
  }
  const loop = openGroupLoop(core, {
    membership: openWorkerMembership(core, { url: 'http://me/', openMembership, standing, leader }),
    standing,
    leader,
    reconciler: {
      kick() {},
      async released() {
        did.push('released')
      },
      restart: (key) => void did.push(`restart: ${key}`),
      affected: ({ connector }) => [connector, `${connector}\u00000`, `${connector}\u00001`],
    },
  })
  let generation = 0
  const push = (event: MembershipEvent) => {
    events.push(event)
    more.resolve()
  }
  return {
    loop,
    standing,
    configs,
    statuses,
    did,
    push,
    /** The membership ends for good. */
    break(error: Error) {
      broken = error
      more.resolve()
    },
    advance: (ms: number) => {
      ahead += ms
    },
    assign(part: Partial<Assignment> = {}) {
      const name = protocol === 'eager' ? 'default' : protocol
      const assignment = {
        error: 0 as const,
        leader: 'other',
        leaderUrl: 'http://other/',
        offset: configs.snapshot().offset,
        assigned: NONE,
        revoked: NONE,
        delayMs: 0,
        ...part,
      }
      push({
        type: 'assigned',
        generation: ++generation,
        memberId: 'me',
        leader: assignment.leader,
        protocol: name,
        assignment: Buffer.from(encodeAssignment(name, assignment)),
      })
    },
    metadata: () => decodeMetadata(options!.protocols[0]!.metadata()),
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]()
    },
  }
}
const soon = () => AbortSignal.timeout(10_000)
const rejoins = (did: readonly string[]) => did.filter((one) => one.startsWith('rejoin'))

describe('a worker in its group', () => {
  it('starts nothing before it is a member and the group agrees', async () => {
    await using given = await loopOf()
    await given.configs.append({ type: 'connector', name: 'a', config: {} })
    assert.deepEqual(
      [given.standing.share().connector('a'), given.standing.share().startable, given.standing.generation()],
      [false, false, -1],
    )
    given.assign({ assigned: { connectors: ['a'], tasks: [] } })
    await given.loop.steady(soon())
    assert.deepEqual(
      [given.standing.share().connector('a'), given.standing.share().startable, given.standing.generation()],
      [true, true, 1],
    )
  })

  it('joins again with what it runs when connectors or tasks change, and holds starts until then', async () => {
    await using given = await loopOf()
    await given.configs.append({ type: 'connector', name: 'a', config: {} })
    given.assign({ assigned: { connectors: ['a'], tasks: [] } })
    await given.loop.steady(soon())
    await given.configs.append({ type: 'target', name: 'a', state: 'PAUSED' })
    await given.configs.append({ type: 'connector', name: 'a', config: { x: '1' } })
    assert.equal(given.standing.share().startable, true)
    await given.configs.append({ type: 'tasks', name: 'a', configs: [{}] })
    assert.equal(given.standing.share().startable, false)
    await until(() => rejoins(given.did).length === 1)
    assert.deepEqual(given.did.slice(-2), ['released', 'rejoin: connectors or tasks have changed'])
    assert.deepEqual(given.metadata().allocation?.assigned.connectors, ['a'])
    assert.equal(given.metadata().offset, given.configs.snapshot().offset)
  })

  it('stops what is revoked before it joins again for what that is given to', async () => {
    await using given = await loopOf()
    given.assign({ assigned: { connectors: ['a', 'b'], tasks: [] } })
    await given.loop.steady(soon())
    given.did.length = 0
    given.assign({ revoked: { connectors: ['b'], tasks: [] } })
    await until(() => rejoins(given.did).length === 1)
    assert.deepEqual(given.did, ['released', 'released', 'rejoin: revoked work is to be assigned'])
    assert.equal(given.standing.share().connector('b'), false)
    assert.equal(given.standing.share().connector('a'), true)
  })

  it('goes by an assignment of a configuration that it has read, even when it has read what does not matter beyond', async () => {
    await using given = await loopOf()
    await given.configs.append({ type: 'connector', name: 'a', config: {} })
    const { offset } = given.configs.snapshot()
    given.assign({ offset: offset - 1 })
    await until(() => rejoins(given.did).length === 1)
    await given.configs.append({ type: 'target', name: 'a', state: 'PAUSED' })
    given.assign({ offset })
    await given.loop.steady(soon())
    assert.equal(rejoins(given.did).length, 1)
  })

  it('stops what it runs before it leaves because the configuration cannot be had', async () => {
    await using given = await loopOf()
    given.assign({ assigned: { connectors: ['a'], tasks: [] } })
    await given.loop.steady(soon())
    given.assign({ offset: 99 })
    await until(() => given.standing.generation() === 2)
    assert.equal(given.standing.share().connector('a'), true)
    given.did.length = 0
    given.advance(61_000)
    await until(() => given.did.some((one) => one.startsWith('leave')))
    assert.deepEqual(given.did.slice(0, 2), ['released', 'leave: taking too long to read the log'])
    assert.equal(given.standing.share().connector('a'), false)
  })

  it('lets go of everything under the eager protocol before it joins again', async () => {
    await using given = await loopOf({ protocol: 'eager' })
    given.assign({ assigned: { connectors: ['a'], tasks: [] } })
    await given.loop.steady(soon())
    given.push({ type: 'rebalance' })
    await until(() => rejoins(given.did).length === 1)
    assert.equal(given.standing.share().connector('a'), false)
    assert.equal(given.did.at(-2), 'released')
  })

  it('lets go when membership is lost, and claims it for as long as nobody else has been given it', async () => {
    for (const [passedMs, claimed] of [
      [30_000, ['a']],
      [60_000, undefined],
    ] as const) {
      await using given = await loopOf({ maxDelayMs: 60_000 })
      given.assign({ assigned: { connectors: ['a'], tasks: [] } })
      await given.loop.steady(soon())
      given.push({ type: 'lost', error: new Error('test') })
      await until(() => given.standing.placement() === null)
      assert.equal(given.standing.share().connector('a'), false)
      given.advance(passedMs)
      assert.deepEqual(given.metadata().allocation?.assigned.connectors, claimed)
      given.assign()
      await given.loop.steady(soon())
      assert.equal(given.standing.share().connector('a'), claimed !== undefined)
    }
  })

  it('tells statuses of an earlier life of the group from those of today', async () => {
    await using given = await loopOf()
    const { statuses } = given
    const seen = { workerId: 'former:1', generation: 21, version: null }
    statuses.putConnector('a', { ...seen, state: 'UNASSIGNED' })
    given.metadata()
    statuses.putConnector('b', { ...seen, state: 'RUNNING' })
    given.assign()
    await until(() => given.standing.placement() !== null)
    const failed = { state: 'FAILED', workerId: 'me:1', generation: 1, version: null, trace: 'x' } as const
    for (const name of ['a', 'b']) statuses.putConnector(name, failed, 1)
    assert.deepEqual([statuses.connector('a')?.state, statuses.connector('b')?.state], ['FAILED', 'RUNNING'])
  })

  it('restarts what is asked for and runs here', async () => {
    await using given = await loopOf()
    await given.configs.append({ type: 'connector', name: 'a', config: {} })
    await given.configs.append({ type: 'tasks', name: 'a', configs: [{}, {}] })
    given.assign({ assigned: { connectors: [], tasks: [{ connector: 'a', task: 1 }] } })
    await given.loop.steady(soon())
    await given.configs.append({
      type: 'restart',
      request: { connector: 'a', includeTasks: true, onlyFailed: false },
    })
    await until(() => given.did.includes('restart: a\u00001'))
    assert.equal(given.did.filter((one) => one.startsWith('restart')).length, 1)
  })

  it('has those who wait for it give up when their time is over', async () => {
    await using given = await loopOf()
    const over = given.loop.steady(AbortSignal.timeout(50))
    await assert.rejects(over, { name: 'TimeoutError' })
  })

  it('fails with what no new join can mend', async () => {
    await using given = await loopOf()
    given.break(new Error('no such group for you'))
    await assert.rejects(given.loop.failed, { message: 'no such group for you' })
  })
})
