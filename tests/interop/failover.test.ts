import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import type { GroupWorker } from '../process/group-worker.ts'
import { openCopies } from './copies.ts'
import { type MixedGroup, openMixedGroup } from './group.ts'
import { reporting } from './report.ts'
import { insist, statusThat } from './watch.ts'

const bootstrapServers = process.env['ISTHMUS_KAFKA'] ?? ''
const DELAY_MS = 4000
const PART = 300
/** Less than the session that a dead worker is granted, by the heartbeat that it may have sent just before. */
const SESSION_LEFT_MS = 5000

const ours = `
import { sourceConnector } from '@isthmus/sdk'
export const Idle = sourceConnector({
  class: 'test.IdleConnector',
  config: {},
  connector: () => ({ taskConfigs: () => [{}] }),
  task: () => ({
    poll: (signal) => new Promise((over) => signal.addEventListener('abort', () => over(null), { once: true })),
    async [Symbol.asyncDispose]() {},
  }),
})
`
const heartbeats = (topic: string) => ({
  'connector.class': 'org.apache.kafka.connect.mirror.MirrorHeartbeatConnector',
  'tasks.max': '1',
  'source.cluster.alias': 'a',
  'target.cluster.alias': 'b',
  'source.cluster.bootstrap.servers': bootstrapServers,
  'target.cluster.bootstrap.servers': bootstrapServers,
  'heartbeats.topic.replication.factor': '1',
  'heartbeats.topic': topic,
})

describe('workers that are killed', { skip: bootstrapServers === '' && 'no Apache Kafka' }, () => {
  it('are succeeded by the other kind, leading or not', async () => {
    await using group = await openMixedGroup(bootstrapServers, {
      'scheduled.rebalance.max.delay.ms': String(DELAY_MS),
      'session.timeout.ms': '6000',
      'heartbeat.interval.ms': '1000',
    })
    const folder = group.dir.at('plugins/idle')
    await mkdir(folder, { recursive: true })
    await writeFile(`${folder}/index.ts`, ours)
    await reporting(group, () => killOneAfterAnother(group))
  })
})

async function killOneAfterAnother(group: MixedGroup): Promise<void> {
  const start = {
    java: () => group.start('java'),
    isthmus: () => group.start('isthmus', { 'plugin.path': group.dir.at('plugins') }),
  }
  const kill = async (worker: GroupWorker): Promise<number> => {
    await worker[Symbol.asyncDispose]()
    return performance.now()
  }
  const failsOn = async (worker: GroupWorker, name: string, type: string) => {
    const { connector } = await statusThat(
      'has failed',
      worker,
      name,
      (status) => status.connector.state === 'FAILED' && status.connector.worker_id === worker.id,
    )
    const trace = `Failed to find any class that implements Connector and which name matches ${type}`
    assert.ok(connector.trace?.includes(trace), connector.trace)
  }
  const runsOn = (worker: GroupWorker, name: string) =>
    statusThat(
      `runs on ${worker.id}`,
      worker,
      name,
      ({ connector, tasks }) =>
        tasks.length === 1 &&
        [connector, ...tasks].every(({ state, worker_id }) => state === 'RUNNING' && worker_id === worker.id),
    )

  const java1 = await start.java()
  const ours1 = await start.isthmus()
  const copies = await openCopies(group, 2, [java1, ours1])
  await copies.write(PART)
  await copies.runOn([java1, ours1])
  await copies.arrived()

  // ours follows: what it ran waits for its return
  let since = await kill(ours1)
  await copies.write(PART)
  await copies.runOn([java1])
  let waited = performance.now() - since
  assert.ok(waited > SESSION_LEFT_MS + DELAY_MS, `its work was given away after ${waited} ms`)
  await copies.arrived()
  const beats = heartbeats(`${group.id}-beats`)
  await insist('heartbeats', () => java1.client.put('beats', beats))
  await runsOn(java1, 'beats')

  // Java leads: nobody knows what it ran, and ours gives it to itself
  const ours2 = await start.isthmus()
  await copies.runOn([java1, ours2])
  since = await kill(java1)
  await copies.write(PART)
  await copies.runOn([ours2])
  await copies.arrived()
  await failsOn(ours2, 'beats', beats['connector.class'])
  await insist('idle', () => ours2.client.put('idle', { 'connector.class': 'test.IdleConnector' }))
  await runsOn(ours2, 'idle')

  // Java follows ours
  const java2 = await start.java()
  await copies.runOn([ours2, java2])
  since = await kill(java2)
  await copies.write(PART)
  await copies.runOn([ours2])
  waited = performance.now() - since
  assert.ok(waited > SESSION_LEFT_MS + DELAY_MS, `its work was given away after ${waited} ms`)
  await copies.arrived()
  await runsOn(ours2, 'idle')

  // ours leads
  const java3 = await start.java()
  await copies.runOn([ours2, java3])
  since = await kill(ours2)
  await copies.write(PART)
  await copies.runOn([java3])
  await copies.arrived()
  await failsOn(java3, 'idle', 'test.IdleConnector')
  await runsOn(java3, 'beats')

  // and back once more, in peace
  const ours3 = await start.isthmus()
  await copies.runOn([java3, ours3])
  await java3.stop()
  await copies.write(PART)
  await copies.runOn([ours3])
  await copies.arrived()
  await runsOn(ours3, 'idle')
  assert.equal(await ours3.stop(), 0)
}
