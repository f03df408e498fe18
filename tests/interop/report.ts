import { openCluster } from '@isthmus/kafka'
import { describeGroups } from '@isthmus/protocol/apis'
import type { GroupWorker } from '../process/group-worker.ts'
import { wordsOf } from './watch.ts'

const LONGEST_MS = 5000

/** What a group of workers failed at, with what each of them says of all connectors, the groups of the sinks, and each one's last words. */
export async function reporting<T>(
  {
    bootstrapServers,
    workers,
  }: { readonly bootstrapServers: string; readonly workers: readonly GroupWorker[] },
  play: () => Promise<T>,
): Promise<T> {
  try {
    return await play()
  } catch (cause) {
    const names = new Set<string>()
    const said = await Promise.all(workers.map((worker) => saidBy(worker, names)))
    const groups = await sinkGroups(bootstrapServers, [...names]).catch(String)
    const report = [...said, 'groups of sinks:', groups].join('\n')
    throw new Error(`${(cause as Error).message}\n${report}`, { cause })
  }
}

/** The states of all connectors, a line each, and the tail of the worker's log; `names` learns the connectors. */
async function saidBy(worker: GroupWorker, names: Set<string>): Promise<string> {
  const silence = new Promise<null>((resolve) => setTimeout(resolve, LONGEST_MS, null).unref())
  const seen = await Promise.race([worker.client.expanded('status').catch(() => null), silence])
  const states = Object.entries(seen ?? {}).map(([name, { status }]) => {
    names.add(name)
    const one = (is: { readonly state: string; readonly worker_id: string }) => `${is.state}@${is.worker_id}`
    return status === undefined
      ? `  ${name}: no status`
      : `  ${name}: ${one(status.connector)}, tasks ${status.tasks.map(one).join(' ') || 'none'}`
  })
  const lines = seen === null ? ['  does not answer'] : states
  return [`${worker.id} says:`, ...lines, `${worker.id} wrote last:`, wordsOf(worker)].join('\n')
}

async function sinkGroups(bootstrapServers: string, names: readonly string[]): Promise<string> {
  await using cluster = openCluster({ 'bootstrap.servers': bootstrapServers })
  const signal = AbortSignal.timeout(LONGEST_MS)
  const lines: string[] = []
  for (const name of names) {
    const key = `connect-${name}`
    const target = { to: 'coordinator', kind: 'group', key } as const
    const { groups } = await cluster.request(describeGroups, { groups: [key] }, target, { signal })
    for (const { groupState, members } of groups)
      for (const { clientId, memberId, memberMetadata, memberAssignment } of members)
        lines.push(
          `  ${key} ${groupState}: ${clientId} ${memberId.slice(-8)} subscribes ${plain(memberMetadata)}, has ${plain(memberAssignment)}`,
        )
  }
  return lines.join('\n')
}

/** The names of topics in what members of groups exchange, without its binary parts. */
const plain = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim() || 'nothing'
