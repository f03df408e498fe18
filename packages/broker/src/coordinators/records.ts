import { decode, encode, type Message } from '@isthmus/protocol'
import { array, bytes, type Fields, int8, int16, int32, int64, string, uuid } from '@isthmus/protocol/fields'

// What the coordinators keep in `__consumer_offsets` and `__transaction_state`: Apache Kafka's own records, so that its tools can
// read them. A key begins with the number of its kind, a value with the version of its format.

const offsetKey = { group: string(), topic: string(), partition: int32() }
const offsetValue = {
  offset: int64(),
  leaderEpoch: int32({ from: 3, default: -1 }),
  metadata: string(),
  commitTimestamp: int64(),
  expireTimestamp: int64({ from: 1, to: 1, default: -1 }),
  topicId: uuid({ from: 4, tag: 0 }),
}
const groupKey = { group: string() }
const groupValue = {
  protocolType: string(),
  generation: int32(),
  protocol: string({ nullable: 0 }),
  leader: string({ nullable: 0 }),
  currentStateTimestamp: int64({ from: 2, default: -1 }),
  members: array({
    memberId: string(),
    groupInstanceId: string({ from: 3, nullable: 3, default: null }),
    clientId: string(),
    clientHost: string(),
    rebalanceTimeout: int32({ from: 1, default: -1 }),
    sessionTimeout: int32(),
    subscription: bytes(),
    assignment: bytes(),
  }),
}
const transactionKey = { transactionalId: string() }
const transactionValue = {
  producerId: int64(),
  previousProducerId: int64({ from: 1, tag: 0, default: -1 }),
  nextProducerId: int64({ from: 1, tag: 1, default: -1 }),
  producerEpoch: int16(),
  nextProducerEpoch: int16({ from: 1, tag: 3, default: -1 }),
  transactionTimeoutMs: int32(),
  transactionStatus: int8(),
  transactionPartitions: array({ topic: string(), partitionIds: array(int32()) }, { nullable: 0 }),
  transactionLastUpdateTimestampMs: int64(),
  transactionStartTimestampMs: int64(),
  clientTransactionVersion: int16({ from: 1, tag: 2, default: 0 }),
}

export type OffsetKey = Message<typeof offsetKey>
export type OffsetValue = Message<typeof offsetValue>
export type GroupValue = Message<typeof groupValue>
export type TransactionValue = Message<typeof transactionValue>

/** A record of a coordinator's topic; without a value it deletes what was under the key. */
export interface StateRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

type Encodable<F extends Fields> = Parameters<typeof encode<F>>[2]

/** Flexible from this version on. */
const FLEXIBLE_GROUP_RECORDS = 4
const FLEXIBLE_TRANSACTION_RECORDS = 1

function versioned<F extends Fields>(version: number, fields: F, value: Encodable<F>, flexible = false) {
  const prefix = Buffer.alloc(2)
  prefix.writeInt16BE(version)
  return Buffer.concat([prefix, encode(fields, version, value, flexible)])
}

export type GroupRecord =
  | { readonly type: 'offset'; readonly key: OffsetKey; readonly value: OffsetValue | null }
  | { readonly type: 'group'; readonly group: string; readonly value: GroupValue | null }

export function encodeGroupRecord(record: GroupRecord): StateRecord {
  if (record.type === 'group')
    return {
      key: encodeKey(2, groupKey, { group: record.group }),
      value: record.value && versioned(3, groupValue, record.value),
    }
  // an expiry of its own, which only old clients ask for, exists in version 1 only
  const version = record.value && record.value.expireTimestamp >= 0 ? 1 : 4
  return {
    key: encodeKey(1, offsetKey, record.key),
    value: record.value && versioned(version, offsetValue, record.value, version >= FLEXIBLE_GROUP_RECORDS),
  }
}
export const encodeTransaction = (transactionalId: string, value: TransactionValue | null): StateRecord => ({
  key: encodeKey(0, transactionKey, { transactionalId }),
  value: value && versioned(1, transactionValue, value, true),
})
/** Keys have one version each, so they begin with their kind alone. */
function encodeKey<F extends Fields>(kind: number, fields: F, key: Encodable<F>): Buffer {
  const prefix = Buffer.alloc(2)
  prefix.writeInt16BE(kind)
  return Buffer.concat([prefix, encode(fields, 0, key)])
}

/** Null for a kind that is not kept here: groups of other protocols. */
export function decodeGroupRecord({ key, value }: StateRecord): GroupRecord | null {
  const kind = key.readInt16BE(0)
  if (kind === 0 || kind === 1)
    return {
      type: 'offset',
      key: decode(offsetKey, 0, key.subarray(2)),
      value: decodeValue(offsetValue, FLEXIBLE_GROUP_RECORDS, value),
    }
  if (kind === 2)
    return {
      type: 'group',
      group: decode(groupKey, 0, key.subarray(2)).group,
      value: decodeValue(groupValue, FLEXIBLE_GROUP_RECORDS, value),
    }
  return null
}
export function decodeTransactionRecord({ key, value }: StateRecord): {
  transactionalId: string
  value: TransactionValue | null
} {
  return {
    transactionalId: decode(transactionKey, 0, key.subarray(2)).transactionalId,
    value: decodeValue(transactionValue, FLEXIBLE_TRANSACTION_RECORDS, value),
  }
}
function decodeValue<F extends Fields>(fields: F, flexibleFrom: number, value: Buffer | null) {
  if (!value) return null
  const version = value.readInt16BE(0)
  return decode(fields, version, value.subarray(2), version >= flexibleFrom)
}
