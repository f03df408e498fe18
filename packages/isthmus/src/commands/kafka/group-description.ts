import { assignedPartitions, type DescribedMember, partitionName, type TopicPartition } from '@isthmus/kafka'
import { type GroupWorker, groupWorker } from '@isthmus/runtime/group-worker'
import { columns, count } from './columns.ts'
import type { Kafka } from './connection.ts'

/** What is shown of a group; `--json` prints it as it is. */
export interface DescribedGroup {
  readonly group: string
  readonly type: string
  readonly state: string
  /** What the members have agreed upon: the assignor of consumers. */
  readonly protocol: string
  /** False of groups of the new consumer protocol: they have members, but not here. */
  readonly membersKnown: boolean
  readonly members: readonly (Member & Partial<GroupWorker>)[]
  readonly offsets: readonly Progress[]
}
interface Member {
  readonly memberId: string
  readonly clientId: string
  readonly host: string
}
/** How far a group has come with a partition. */
interface Progress {
  readonly topic: string
  readonly partition: number
  /** Null: it has committed none. */
  readonly current: number | null
  /** Null: not known at present. */
  readonly end: number | null
  readonly lag: number | null
  /** Who reads it; null: nobody. */
  readonly memberId: string | null
}

/** A group that the brokers list. */
export async function describeGroup(
  kafka: Kafka,
  { groupId: group, ...listed }: { groupId: string; protocolType: string; state: string },
): Promise<DescribedGroup> {
  const { admin, stop } = kafka
  const described = await admin.describeGroup(group, stop)
  // of one that the brokers keep in another way (KIP-848) they say no more than what they list
  const classic = described.state !== 'Dead'
  const { state, protocolType: type } = classic ? described : listed
  const { protocol, members } = described
  return {
    membersKnown: classic,
    group,
    type,
    state,
    protocol,
    members: members.map((member) => ({
      memberId: member.memberId,
      clientId: member.clientId,
      host: member.host.replace(/^\//, ''),
      ...(type === 'connect' ? groupWorker(member.memberId, member.metadata, member.assignment) : {}),
    })),
    offsets: type === 'connect' ? [] : await progress(kafka, group, type === 'consumer' ? members : []),
  }
}

async function progress(
  { admin, stop, cluster }: Kafka,
  group: string,
  members: readonly DescribedMember[],
): Promise<readonly Progress[]> {
  const current = new Map(
    (await admin.groupOffsets(group, undefined, stop)).map((o) => [partitionName(o), o]),
  )
  const owners = new Map(
    members.flatMap((member) =>
      assignedPartitions(member).map((p) => [partitionName(p), { ...p, memberId: member.memberId }] as const),
    ),
  )
  const all = [...new Map<string, TopicPartition>([...current, ...owners]).values()]
  // of a topic that has been deleted, offsets stay a while
  const there = new Set((await cluster.topics(stop)).map(({ name }) => name))
  const ends = await admin.listOffsets(
    all.filter(({ topic }) => there.has(topic)),
    'latest',
    { signal: stop },
  )
  const endOf = new Map(ends.map((end) => [partitionName(end), end.offset]))
  return all
    .map(({ topic, partition }) => {
      const name = partitionName({ topic, partition })
      const at = current.get(name)?.offset ?? null
      const end = endOf.get(name) ?? null
      const lag = at === null || end === null ? null : Math.max(0, end - at)
      return { topic, partition, current: at, end, lag, memberId: owners.get(name)?.memberId ?? null }
    })
    .toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}

export function groupText(group: DescribedGroup): string {
  const { type, state, protocol, members, offsets } = group
  const agreed = protocol === '' ? '' : `, ${protocol}`
  const kind = type === '' ? 'no members yet' : type
  const lag = offsets.reduce((sum, { lag }) => sum + (lag ?? 0), 0)
  const behind = offsets.length === 0 ? '' : `, ${count(lag, 'record')} behind`
  const head = `Group ${group.group}: ${kind}, ${state}${agreed}, ${group.membersKnown ? count(members.length, 'member') : 'members not shown (new consumer protocol)'}${behind}\n`
  return head + (type === 'connect' ? workersText(members) : consumersText(members, offsets))
}

const WORKERS = ['WORKER', 'ROLE', 'CONFIG-OFFSET', 'CONNECTORS', 'TASKS']

function workersText(members: DescribedGroup['members']): string {
  if (members.length === 0) return ''
  const rows = members.map(({ url = '', leader, offset, work }) => [
    url,
    leader ? 'leader' : 'member',
    offset ?? '-',
    listed(work?.connectors ?? []),
    listed((work?.tasks ?? []).map(({ connector, task }) => `${connector}-${task}`)),
  ])
  return columns(WORKERS, rows)
}
const listed = (names: readonly string[]): string => (names.length === 0 ? '-' : names.join(','))

const CONSUMERS = [
  'TOPIC',
  'PARTITION',
  'CURRENT-OFFSET',
  'LOG-END-OFFSET',
  'LAG',
  'CONSUMER-ID',
  'HOST',
  'CLIENT-ID',
]

function consumersText(members: DescribedGroup['members'], offsets: readonly Progress[]): string {
  const byId = new Map(members.map((member) => [member.memberId, member]))
  const rows = offsets.map(({ topic, partition, current, end, lag, memberId }) => {
    const member = byId.get(memberId ?? '')
    const who = [memberId ?? '-', member?.host ?? '-', member?.clientId ?? '-']
    return [topic, partition, current ?? '-', end ?? '-', lag ?? '-', ...who]
  })
  const idle = members
    .filter(({ memberId }) => !offsets.some((offset) => offset.memberId === memberId))
    .map(({ memberId, host, clientId }) => ['-', '-', '-', '-', '-', memberId, host, clientId])
  return rows.length + idle.length === 0 ? '' : columns(CONSUMERS, [...rows, ...idle])
}
