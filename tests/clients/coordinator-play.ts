import { setTimeout as sleep } from 'node:timers/promises'
import { openRawClient, type RawClient } from '@isthmus/broker/testing'
import { BatchWriter, errorIds, errorOf } from '@isthmus/protocol'
import * as apis from '@isthmus/protocol/apis'

// A play is a sequence of requests drawn from a seed, most of which make sense. Brokers that keep the same rules tell the same story.

export interface Stage {
  readonly port: number
  /** Names made from it are the play's own. */
  readonly run: string
  readonly topic: string
}

interface Identity {
  readonly producerId: number
  readonly producerEpoch: number
}

interface Scene {
  readonly client: RawClient
  readonly topic: string
  readonly group: string
  readonly transactionalId: string
  readonly random: (below: number) => number
  /** Static members have instance ids. */
  readonly isStatic: boolean
  /** Every identity a producer was given so far, the last one being the present. */
  readonly identities: Identity[]
  memberId: string
  generationId: number
}

type Act = (scene: Scene) => Promise<string>

const named = (code = 0) => (code === 0 ? 'NONE' : errorOf(code).name)
const PATIENCE_MS = 1000
const WAITS = 'WAITS'
/** Hosts differ in how long a transaction takes to complete; whoever asks meanwhile is told to ask again. */
const BUSY: readonly number[] = [errorIds.CONCURRENT_TRANSACTIONS, errorIds.NOT_ENOUGH_REPLICAS]

async function persistently<T>(ask: () => Promise<T>, errorOfAnswer: (answer: T) => number): Promise<T> {
  let answer = await ask()
  for (let i = 0; i < 200 && BUSY.includes(errorOfAnswer(answer)); i++) {
    await sleep(10)
    answer = await ask()
  }
  return answer
}

/** Mostly the present producer, sometimes one of before, or one that never was. */
function somebody({ random, identities }: Scene): Identity {
  const present = identities.at(-1) ?? { producerId: 0, producerEpoch: 0 }
  const lot = random(10)
  if (lot < 6) return present
  if (lot < 8) return identities[random(identities.length)] ?? present
  return { ...present, producerEpoch: present.producerEpoch + (random(2) ? 1 : -1) }
}
/** Ids differ between brokers, so they are told in the order of their appearance. */
function tell({ identities }: Scene, { producerId, producerEpoch }: Identity): string {
  const ids = [...new Set(identities.map((i) => i.producerId))]
  return `${ids.indexOf(producerId)}/${producerEpoch}`
}
function became(scene: Scene, { producerId, producerEpoch }: Identity): string {
  scene.identities.push({ producerId, producerEpoch })
  return tell(scene, { producerId, producerEpoch })
}
const member = ({ memberId, generationId }: Scene) => ({ memberId, generationId })
const instance = ({ isStatic, random }: Scene) => (isStatic ? { groupInstanceId: random(8) ? 'i' : 'j' } : {})
const protocolType = ({ random }: Scene) => (random(12) ? 'consumer' : 'connect')

const onTransactions: Act[] = [
  async function init(scene) {
    const { client, transactionalId, random } = scene
    const present = random(2) ? somebody(scene) : { producerId: -1, producerEpoch: -1 }
    const request = { transactionalId, transactionTimeoutMs: 60_000, ...present }
    const a = await persistently(
      () => client.call(apis.initProducerId, 5, request),
      (x) => x.errorCode,
    )
    return `init ${tell(scene, present)}: ${named(a.errorCode)} ${a.errorCode ? '' : became(scene, a)}`
  },
  async function add(scene) {
    const { client, transactionalId, topic, random } = scene
    const { producerId, producerEpoch } = somebody(scene)
    const request = {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions: [random(3)] }],
    }
    const ask = () => client.call(apis.addPartitionsToTxn, 3, request)
    const errorIn = (x: Awaited<ReturnType<typeof ask>>) =>
      x.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode ?? 0
    return `add ${tell(scene, { producerId, producerEpoch })}: ${named(errorIn(await persistently(ask, errorIn)))}`
  },
  async function produce(scene) {
    const { client, transactionalId, topic, random } = scene
    const producer = somebody(scene)
    const version = [9, 11, 12][random(3)] ?? 12
    const index = random(2)
    const writer = new BatchWriter(1000)
    writer.append(1, null, 'v', null)
    const records = writer.finish({ ...producer, baseSequence: 0, transactional: true })
    const ask = () =>
      client.call(apis.produce, version, {
        transactionalId,
        acks: -1,
        timeoutMs: 5000,
        topicData: [{ name: topic, partitionData: [{ index, records: Buffer.from(records) }] }],
      })
    const errorIn = (x: Awaited<ReturnType<typeof ask>>) =>
      x.responses[0]?.partitionResponses[0]?.errorCode ?? 0
    return `produce v${version} ${tell(scene, producer)}: ${named(errorIn(await persistently(ask, errorIn)))}`
  },
  async function commitOffset(scene) {
    const { client, transactionalId, group, topic, random } = scene
    const producer = somebody(scene)
    const version = 2 + random(4)
    const who = version >= 3 && random(3) === 0 ? member(scene) : {}
    const commit = { partitionIndex: random(3), committedOffset: random(100), committedMetadata: 'x' }
    const request = {
      transactionalId,
      groupId: group,
      ...producer,
      ...who,
      topics: [{ name: topic, partitions: [commit] }],
    }
    const ask = () => client.call(apis.txnOffsetCommit, version, request)
    const errorIn = (x: Awaited<ReturnType<typeof ask>>) => x.topics[0]?.partitions[0]?.errorCode ?? 0
    return `txn commit v${version} ${tell(scene, producer)}: ${named(errorIn(await persistently(ask, errorIn)))}`
  },
  async function addOffsets(scene) {
    const producer = somebody(scene)
    const request = { transactionalId: scene.transactionalId, groupId: scene.group, ...producer }
    const ask = () => scene.client.call(apis.addOffsetsToTxn, 4, request)
    return `add offsets ${tell(scene, producer)}: ${named((await persistently(ask, (x) => x.errorCode)).errorCode)}`
  },
  async function end(scene) {
    const { client, transactionalId, random } = scene
    const producer = somebody(scene)
    const version = random(2) ? 4 : 5
    const request = { transactionalId, ...producer, committed: random(2) === 0 }
    const a = await persistently(
      () => client.call(apis.endTxn, version, request),
      (x) => x.errorCode,
    )
    await completed(scene)
    const next = a.errorCode === 0 && version === 5 ? became(scene, a) : ''
    return `end v${version} ${request.committed} ${tell(scene, producer)}: ${named(a.errorCode)} ${next}`
  },
]

/** Apache Kafka answers before the markers are written; what is asked until then is a race. */
async function completed({ client, transactionalId }: Scene): Promise<string> {
  for (let i = 0; ; i++) {
    const a = await client.call(apis.describeTransactions, 0, { transactionalIds: [transactionalId] })
    const state = a.transactionStates[0]?.transactionState ?? ''
    if (!state.startsWith('Prepare') || i === 1000) return state
    await sleep(5)
  }
}

/** Apache Kafka hands out a member id before it has written the new group, which it does not describe until then. */
async function known({ client, group }: Scene): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    const a = await client.call(apis.describeGroups, 5, { groups: [group] })
    if (a.groups[0]?.groupState !== 'Dead') return
    await sleep(5)
  }
}

const onGroups: Act[] = [
  async function join(scene) {
    const { client, group, random } = scene
    const version = 5 + random(5)
    const name = random(6) ? 'p' : 'q'
    const others = random(3) ? [{ name: 'z', metadata: Buffer.alloc(1) }] : []
    const request = {
      groupId: group,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      memberId: random(10) ? scene.memberId : '',
      ...instance(scene),
      protocolType: protocolType(scene),
      protocols: [{ name, metadata: Buffer.alloc(random(2)) }, ...others],
    }
    const a = await Promise.race([client.call(apis.joinGroup, version, request), sleep(PATIENCE_MS)])
    if (!a) return WAITS
    if (a.errorCode === 0) scene.generationId = a.generationId
    if (a.errorCode === 0 || a.errorCode === errorIds.MEMBER_ID_REQUIRED) scene.memberId = a.memberId
    if (a.errorCode === errorIds.MEMBER_ID_REQUIRED) await known(scene)
    const members = a.members.map((m) => `${m.groupInstanceId}:${m.metadata.length}`)
    const isLeader = a.leader === a.memberId
    return `join v${version}: ${named(a.errorCode)} ${a.generationId} ${a.protocolType} ${a.protocolName} ${members} ${isLeader} ${a.skipAssignment}`
  },
  async function sync(scene) {
    const { client, group, memberId, random } = scene
    const request = {
      groupId: group,
      memberId,
      ...instance(scene),
      generationId: scene.generationId - (random(10) ? 0 : 1),
      protocolType: protocolType(scene),
      protocolName: random(4) ? 'p' : 'z',
      assignments: [{ memberId, assignment: Buffer.from('work') }],
    }
    const a = await Promise.race([client.call(apis.syncGroup, 5, request), sleep(PATIENCE_MS)])
    return a ? `sync: ${named(a.errorCode)} ${a.protocolType} ${a.protocolName} ${a.assignment}` : WAITS
  },
  async function beat(scene) {
    const { client, group, memberId, generationId, random } = scene
    const request = { groupId: group, memberId, ...instance(scene), generationId: generationId - random(2) }
    return `beat: ${named((await client.call(apis.heartbeat, 4, request)).errorCode)}`
  },
  async function leave(scene) {
    const { client, group, random } = scene
    const members = [
      { memberId: random(3) ? scene.memberId : '', ...instance(scene) },
      { memberId: 'nobody' },
    ]
    const a = await client.call(apis.leaveGroup, 5, { groupId: group, members })
    if (random(2)) Object.assign(scene, { memberId: '', generationId: -1 })
    // a group whose members are all gone rebalances within its longest timeout, which is none
    await sleep(15)
    return `leave: ${a.members.map((m) => named(m.errorCode))}`
  },
  async function describe({ client, group, random }) {
    const version = 5 + random(2)
    const a = await client.call(apis.describeGroups, version, {
      groups: [group],
      includeAuthorizedOperations: true,
    })
    const told = a.groups.map(
      ({ groupState, protocolType, protocolData, members, authorizedOperations, errorCode }) => [
        named(errorCode),
        groupState,
        protocolType,
        protocolData,
        authorizedOperations,
        ...members.map(
          (m) =>
            `${m.clientId} ${m.clientHost} ${m.groupInstanceId} ${m.memberMetadata.length} ${m.memberAssignment}`,
        ),
      ],
    )
    return `describe v${version}: ${told}`
  },
  async function remove({ client, group }) {
    const a = await client.call(apis.deleteGroups, 2, { groupsNames: [group] })
    return `delete: ${a.results.map((r) => named(r.errorCode))}`
  },
  async function commit(scene) {
    const { client, group, topic, random } = scene
    const version = 5 + random(5)
    const { memberId, generationId } = scene
    const who = random(2) ? { memberId, generationIdOrMemberEpoch: generationId } : {}
    const commit = { partitionIndex: random(3), committedOffset: random(100), committedMetadata: 'y' }
    const request = { groupId: group, ...who, topics: [{ name: topic, partitions: [commit] }] }
    const a = await client.call(apis.offsetCommit, version, request)
    return `commit v${version}: ${a.topics.map((t) => t.partitions.map((p) => named(p.errorCode)))}`
  },
  async function fetch({ client, group, topic, random }) {
    const topics = random(2) ? null : [{ name: topic, partitionIndexes: [0, 1, 2] }]
    const request = { requireStable: random(2) === 0, groups: [{ groupId: group, topics }] }
    const a = await client.call(apis.offsetFetch, 9, request)
    const told = a.groups.flatMap((g) =>
      g.topics.flatMap((t) =>
        t.partitions.map(
          (p) => `${p.partitionIndex} ${p.committedOffset} ${p.metadata} ${named(p.errorCode)}`,
        ),
      ),
    )
    return `fetch ${request.requireStable}: ${told.sort()}`
  },
  async function deleteOffset({ client, group, topic, random }) {
    const topics = [{ name: topic, partitions: [{ partitionIndex: random(3) }] }]
    const a = await client.call(apis.offsetDelete, 0, { groupId: group, topics })
    return `delete offset: ${named(a.errorCode)} ${a.topics.map((t) => t.partitions.map((p) => named(p.errorCode)))}`
  },
]

/** What the broker answered, a line a request; it ends early with a request that waits for others. */
export async function play(stage: Stage, seed: number, about: 'groups' | 'transactions'): Promise<string[]> {
  await using client = await openRawClient(stage.port)
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const scene: Scene = {
    client,
    topic: stage.topic,
    group: `${stage.run}-${about}-${seed}`,
    transactionalId: `${stage.run}-${about}-${seed}`,
    random,
    isStatic: about === 'groups' && seed % 2 === 0,
    identities: [{ producerId: 4242424242, producerEpoch: 0 }],
    memberId: '',
    generationId: -1,
  }
  const told: string[] = []
  for (let step = 0; step < 30 && told.at(-1) !== WAITS; step++) {
    const acts = about === 'transactions' && random(4) ? onTransactions : onGroups
    const act = acts[random(acts.length)]
    if (act) told.push(await act(scene))
  }
  // behind a request that waits, the connection answers nothing more
  if (told.at(-1) !== WAITS) told.push(await completed(scene))
  return told
}
