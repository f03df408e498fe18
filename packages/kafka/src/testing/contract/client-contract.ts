import { randomUUID } from 'node:crypto'
import { after, before, describe } from 'node:test'
import { openAdmin } from '../../admin/admin.ts'
import type { ClientProps } from '../../properties/types.ts'
import { adminContract } from './admin-contract.ts'
import { changesContract } from './changes-contract.ts'
import { clusterContract } from './cluster-contract.ts'
import { compactedLogContract } from './compacted-log-contract.ts'
import { connectionsContract } from './connections-contract.ts'
import { groupLossesContract } from './group-losses-contract.ts'
import { groupsContract } from './groups-contract.ts'
import { readCommittedContract } from './read-committed-contract.ts'
import { recordsContract } from './records-contract.ts'
import { sequencesContract } from './sequences-contract.ts'
import { type ContractTarget, openTarget } from './target.ts'
import { transactionsContract } from './transactions-contract.ts'

/** What this client does against any broker: run on ours and on Apache Kafka. */
export function clientContract(
  name: string,
  open: () => Promise<{ readonly props: ClientProps } & AsyncDisposable>,
  sessionMs?: number,
): void {
  describe(`client of ${name}`, () => {
    let broker: Awaited<ReturnType<typeof open>>
    before(async () => {
      broker = await open()
    })
    after(() => broker[Symbol.asyncDispose]())
    const target: ContractTarget = {
      props: () => broker.props,
      unique: (what) => `contract-${what}-${randomUUID()}`,
      ...(sessionMs === undefined ? {} : { sessionMs }),
    }
    connectionsContract(target)
    clusterContract(async () => {
      const { cluster, topic, ...opened } = openTarget(target)
      return {
        cluster,
        topic,
        missing: target.unique('none'),
        [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
      }
    })
    adminContract(target)
    recordsContract(target)
    sequencesContract(async () => {
      const opened = openTarget(target)
      const topic = await opened.topic()
      // a leader may be named before it knows of that: it does when it tells an offset
      await openAdmin(opened.cluster).listOffsets([{ topic, partition: 0 }], 'latest')
      const leader = (await opened.cluster.topic(topic)).partitions[0]?.leader ?? -1
      return {
        cluster: opened.cluster,
        topic,
        leader,
        [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
      }
    })
    changesContract(target)
    transactionsContract(target)
    readCommittedContract(target)
    groupsContract(target)
    groupLossesContract(target)
    compactedLogContract(target)
  })
}
