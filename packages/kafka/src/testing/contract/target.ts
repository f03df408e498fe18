import { type Admin, openAdmin } from '../../admin/admin.ts'
import { type Cluster, openCluster } from '../../cluster/cluster.ts'
import type { ClientProps } from '../../properties/types.ts'

/** The brokers that a contract is run against. */
export interface ContractTarget {
  /** Called inside tests: `bootstrap.servers` and whatever else it takes to get in. */
  props(): ClientProps
  /** A name for a topic, group or transactional id that no other run uses. */
  unique(what: string): string
  /** The shortest session that its groups allow, if not 6 s. */
  readonly sessionMs?: number
}

/** Of a name that nobody else uses: when it is there, a request made it whose answer came too late, and was sent again. */
export async function makeTopic(
  admin: Admin,
  name: string,
  partitions = 1,
  configs: { readonly [name: string]: string } = {},
): Promise<void> {
  const error = (await admin.createTopics([{ name, partitions, replicationFactor: 1, configs }])).get(name)
  if (error && error.kafka !== 'TOPIC_ALREADY_EXISTS') throw error
}

export interface Opened extends AsyncDisposable {
  readonly cluster: Cluster
  readonly admin: Admin
  /** A new topic, deleted with this. */
  topic(partitions?: number, configs?: { readonly [name: string]: string }): Promise<string>
}
export function openTarget(target: ContractTarget, props: ClientProps = {}): Opened {
  const cluster = openCluster({ ...target.props(), ...props })
  const admin = openAdmin(cluster)
  const topics: string[] = []
  return {
    cluster,
    admin,
    async topic(partitions = 1, configs = {}) {
      const name = target.unique('topic')
      await makeTopic(admin, name, partitions, configs)
      topics.push(name)
      // brokers learn of it a little later
      await cluster.topic(name)
      return name
    },
    async [Symbol.asyncDispose]() {
      try {
        if (topics.length > 0) await admin.deleteTopics(topics)
      } finally {
        await cluster[Symbol.asyncDispose]()
      }
    },
  }
}
