import { randomUUID } from 'node:crypto'
import { after, before, describe } from 'node:test'
import { adminContract } from './contract/admin-contract.ts'
import { changesContract } from './contract/changes-contract.ts'
import { clusterContract } from './contract/cluster-contract.ts'
import { compactedLogContract } from './contract/compacted-log-contract.ts'
import { groupLossesContract } from './contract/group-losses-contract.ts'
import { groupsContract } from './contract/groups-contract.ts'
import { readCommittedContract } from './contract/read-committed-contract.ts'
import { recordsContract } from './contract/records-contract.ts'
import type { ContractTarget } from './contract/target.ts'
import { transactionsContract } from './contract/transactions-contract.ts'
import type { ClientProps } from './property-types.ts'

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
    clusterContract(target)
    adminContract(target)
    recordsContract(target)
    changesContract(target)
    transactionsContract(target)
    readCommittedContract(target)
    groupsContract(target)
    groupLossesContract(target)
    compactedLogContract(target)
  })
}
