import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { findCoordinator, listGroups, metadata } from '@isthmus/protocol/apis'
import { openCluster } from './cluster/cluster.ts'
import { openFetcher } from './fetcher/fetcher.ts'
import { openMembership } from './group/membership.ts'
import { type ClientLogs, listed } from './log.ts'
import { openProducer } from './producer/producer.ts'
import { ScriptedCluster } from './testing/scripted-cluster.ts'
import { openScriptedServer } from './testing/scripted-server.ts'

/** Lines as they are written, each under the last part of its logger's name. */
function heard() {
  const lines: string[] = []
  const logs: ClientLogs = (logger) => {
    const write = (message: string) => void lines.push(`${logger.split('.').at(-1)} ${message}`)
    return { debug: write, warn: write }
  }
  return { lines, logs }
}
function said(lines: readonly string[], ...patterns: readonly RegExp[]) {
  for (const pattern of patterns)
    assert.equal(lines.filter((line) => pattern.test(line)).length, 1, `${pattern} in:\n${lines.join('\n')}`)
}

test('a client tells whom it connects to, what metadata is new, why it tries again and who coordinates', async () => {
  const { lines, logs } = heard()
  await using broker = await openScriptedServer()
  let searches = 0
  broker.on(metadata, (r) =>
    r.reply({
      brokers: [{ nodeId: 1, host: '127.0.0.1', port: broker.port, rack: null }],
      clusterId: 'c',
      controllerId: 1,
      topics: [
        {
          name: 't',
          topicId: '1'.repeat(32),
          partitions: [{ partitionIndex: 0, leaderId: 1, leaderEpoch: 0, replicaNodes: [1], isrNodes: [1] }],
        },
      ],
    }),
  )
  broker.on(findCoordinator, (r) => {
    const coordinator = { key: 'g', nodeId: 1, host: '127.0.0.1', port: broker.port, errorCode: 0 }
    const away = { key: 'g', nodeId: -1, host: '', port: -1, errorCode: errorIds.COORDINATOR_NOT_AVAILABLE }
    const one = searches++ === 0 ? away : coordinator
    r.reply({ ...one, coordinators: [one] })
  })
  broker.on(listGroups, (r) => r.reply({ groups: [] }))
  const props = { 'bootstrap.servers': broker.address, 'client.id': 'me', 'retry.backoff.ms': '1' }
  await using cluster = openCluster(props, { logs })
  await cluster.topic('t')
  cluster.refresh(['t'])
  await cluster.topic('t')
  await cluster.request(listGroups, {}, { to: 'coordinator', kind: 'group', key: 'g' })
  cluster.forgetCoordinator('group', 'g')
  said(
    lines,
    /^NetworkClient \[me\] Connected to 127.0.0.1:\d+$/,
    /^Metadata \[me\] New metadata: cluster c has brokers 1 at .*, t has 1 partition/,
    /^NetworkClient \[me\] Attempt 1 failed; .*coordinator of group g/,
    /^NetworkClient \[me\] The coordinator of group g is 127.0.0.1/,
    /^NetworkClient \[me\] The coordinator of group g is to be found anew/,
  )
  const ended = broker.address
  cluster.leave('coordinator')
  await cluster.nodes()
  said(lines, new RegExp(`Disconnected from ${ended}, for coordinator: The connection is not needed`))
})

test('a member tells why it joins, what became of it and why it leaves', async () => {
  const { lines, logs } = heard()
  const cluster = new ScriptedCluster()
  cluster.logs = logs
  const beats = [errorIds.REBALANCE_IN_PROGRESS, errorIds.UNKNOWN_MEMBER_ID]
  let generation = 0
  cluster.answers['JoinGroup'] = () => ({
    errorCode: 0,
    generationId: ++generation,
    protocolName: 'p',
    leader: 'm',
    memberId: 'm',
    members: [],
  })
  cluster.answers['SyncGroup'] = () => ({ errorCode: 0, assignment: Buffer.alloc(0) })
  cluster.answers['Heartbeat'] = () => ({ errorCode: beats.shift() ?? 0 })
  cluster.answers['LeaveGroup'] = () => ({ errorCode: 0, members: [] })
  const membership = openMembership(
    cluster,
    { 'heartbeat.interval.ms': '1', 'retry.backoff.ms': '1' },
    {
      groupId: 'g',
      protocolType: 'connect',
      protocols: [{ name: 'p', metadata: () => Buffer.alloc(0) }],
      assign: () => new Map(),
    },
  )
  for await (const event of membership.events(new AbortController().signal))
    if (event.type === 'assigned' && event.generation === 2) break
  await membership[Symbol.asyncDispose]()
  said(
    lines,
    /^WorkerCoordinator Joining group g as a new member: joining$/,
    /Joined group g in generation 1 as m, leader of 0 member/,
    /Group g rebalances/,
    /No member of group g any more: .*UNKNOWN_MEMBER_ID/,
    /Joining group g as a new member: .*UNKNOWN_MEMBER_ID/,
    /Leaving group g as m: the member was closed/,
  )
})

test('a producer tells its id and why a batch is sent again, a fetcher where it begins', async () => {
  const { lines, logs } = heard()
  const cluster = new ScriptedCluster()
  cluster.logs = logs
  cluster.setTopic('t', [0])
  const answers = [errorIds.NOT_ENOUGH_REPLICAS, 0]
  cluster.answers['InitProducerId'] = () => ({ errorCode: 0, producerId: 7, producerEpoch: 0 })
  cluster.answers['Produce'] = () => ({
    responses: [
      {
        name: 't',
        partitionResponses: [{ index: 0, errorCode: answers.shift() ?? 0, baseOffset: 0, recordErrors: [] }],
      },
    ],
  })
  cluster.answers['ListOffsets'] = () => ({
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 0, offset: 5 }] }],
  })
  const reset = Promise.withResolvers<void>()
  cluster.answers['Fetch'] = () => {
    reset.resolve()
    return new Promise(() => {})
  }
  const sent = Promise.withResolvers<unknown>()
  await using producer = openProducer(
    cluster,
    { 'retry.backoff.ms': '1' },
    { acknowledged: ({ error }) => sent.resolve(error) },
  )
  producer.enqueue('t', 0, null, null, Buffer.from('secret'), [], null)
  assert.equal(await sent.promise, null)
  await using fetcher = openFetcher(cluster, { 'auto.offset.reset': 'earliest' })
  fetcher.assign([{ topic: 't', partition: 0, offset: null }])
  await reset.promise
  said(
    lines,
    /^TransactionManager Producer id 7, epoch 0$/,
    /^Sender t-0: a batch of 1 record\(s\) is sent again: .*NOT_ENOUGH_REPLICAS/,
    /^Fetcher Positions reset by auto.offset.reset: t-0 to 5$/,
  )
  assert.ok(!lines.join().includes('secret'))
})

test('of many things a line names the first, and how many more there are', () => {
  assert.equal(listed([]), 'none')
  assert.match(listed(Array.from({ length: 1000 }, (_, i) => `t-${i}`)), /^t-0, .*t-19 and 980 more$/)
})
