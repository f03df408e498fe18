import { optional } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Node } from '../cluster/topology.ts'
import { type GroupAdmin, groupAdmin } from './groups.ts'
import { type RecordAdmin, recordAdmin } from './records.ts'
import { type TopicAdmin, topicAdmin } from './topics.ts'

/** Each call retries what is retriable within `default.api.timeout.ms`; per-item results hold their own errors. */
export interface Admin extends TopicAdmin, RecordAdmin, GroupAdmin {
  describeCluster(
    signal?: AbortSignal,
  ): Promise<{ clusterId: string | null; controller: number; nodes: readonly Node[] }>
}

/** How long a broker may take to carry out one request. */
const OPERATION_TIMEOUT_MS = 30_000

/** Holds nothing: it lives and ends with the cluster. */
export function openAdmin(cluster: Cluster): Admin {
  return {
    ...topicAdmin(cluster, OPERATION_TIMEOUT_MS),
    ...recordAdmin(cluster, OPERATION_TIMEOUT_MS),
    ...groupAdmin(cluster, OPERATION_TIMEOUT_MS),
    describeCluster: (signal) => cluster.retry((s) => cluster.nodes(s), optional(signal)),
  }
}
