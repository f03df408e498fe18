import type { Endpoint } from '../net/endpoint.ts'
import { offsetCommitEndpoint } from './08-offset-commit.ts'
import { offsetFetchEndpoint } from './09-offset-fetch.ts'
import { findCoordinatorEndpoint } from './10-find-coordinator.ts'
import { joinGroupEndpoint } from './11-join-group.ts'
import { heartbeatEndpoint } from './12-heartbeat.ts'
import { leaveGroupEndpoint } from './13-leave-group.ts'
import { syncGroupEndpoint } from './14-sync-group.ts'
import { describeGroupsEndpoint } from './15-describe-groups.ts'
import { listGroupsEndpoint } from './16-list-groups.ts'
import { initProducerIdEndpoint } from './22-init-producer-id.ts'
import { addPartitionsToTxnEndpoint } from './24-add-partitions-to-txn.ts'
import { addOffsetsToTxnEndpoint } from './25-add-offsets-to-txn.ts'
import { endTxnEndpoint } from './26-end-txn.ts'
import { txnOffsetCommitEndpoint } from './28-txn-offset-commit.ts'
import { deleteGroupsEndpoint } from './42-delete-groups.ts'
import { offsetDeleteEndpoint } from './47-offset-delete.ts'
import { describeProducersEndpoint } from './61-describe-producers.ts'
import { describeTransactionsEndpoint } from './65-describe-transactions.ts'
import { listTransactionsEndpoint } from './66-list-transactions.ts'
import { createAclsEndpoint, deleteAclsEndpoint, describeAclsEndpoint } from './acls.ts'

/** The APIs of groups, offsets and transactions. */
export const coordinatorEndpoints: readonly Endpoint[] = [
  offsetCommitEndpoint,
  offsetFetchEndpoint,
  findCoordinatorEndpoint,
  joinGroupEndpoint,
  heartbeatEndpoint,
  leaveGroupEndpoint,
  syncGroupEndpoint,
  describeGroupsEndpoint,
  listGroupsEndpoint,
  initProducerIdEndpoint,
  addPartitionsToTxnEndpoint,
  addOffsetsToTxnEndpoint,
  endTxnEndpoint,
  txnOffsetCommitEndpoint,
  describeAclsEndpoint,
  createAclsEndpoint,
  deleteAclsEndpoint,
  deleteGroupsEndpoint,
  offsetDeleteEndpoint,
  describeProducersEndpoint,
  describeTransactionsEndpoint,
  listTransactionsEndpoint,
]
