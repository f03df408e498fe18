import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeGroupRecord,
  decodeTransactionRecord,
  encodeGroupRecord,
  encodeTransaction,
  type GroupRecord,
  type GroupValue,
  type OffsetValue,
  type StateRecord,
  type TransactionValue,
} from './records.ts'

// The bytes are those that the generated classes of Apache Kafka 4.3.1 (`OffsetCommitKey`, `GroupMetadataValue`,
// `TransactionLogValue`…) make of the same values with `MessageUtil`.

const offsetKey = { group: 'g', topic: 'topic', partition: 3 }
const offsetValue: OffsetValue = {
  offset: 42,
  leaderEpoch: 7,
  metadata: 'méta',
  commitTimestamp: 1700000000123,
  expireTimestamp: -1,
  topicId: '00'.repeat(16),
}
const member = {
  memberId: 'm1',
  groupInstanceId: null,
  clientId: 'c',
  clientHost: '/127.0.0.1',
  rebalanceTimeout: 60000,
  sessionTimeout: 10000,
  subscription: Buffer.from([1, 2]),
  assignment: Buffer.from([3]),
}
const groupValue: GroupValue = {
  protocolType: 'connect',
  generation: 5,
  protocol: 'sessioned',
  leader: 'm1',
  currentStateTimestamp: 1700000000123,
  members: [
    member,
    {
      ...member,
      memberId: 'm2',
      groupInstanceId: 'i2',
      subscription: Buffer.alloc(0),
      assignment: Buffer.alloc(0),
    },
  ],
}
const emptyGroup: GroupValue = {
  ...groupValue,
  protocolType: '',
  generation: 0,
  protocol: null,
  leader: null,
  members: [],
}
const transactionValue: TransactionValue = {
  producerId: 9,
  previousProducerId: 8,
  nextProducerId: -1,
  producerEpoch: 4,
  nextProducerEpoch: -1,
  transactionTimeoutMs: 60000,
  transactionStatus: 1,
  transactionPartitions: [{ topic: 't', partitionIds: [0, 2] }],
  transactionLastUpdateTimestampMs: 1700000000123,
  transactionStartTimestampMs: 1700000000100,
  clientTransactionVersion: 2,
}
const emptyTransaction: TransactionValue = {
  ...transactionValue,
  previousProducerId: -1,
  producerEpoch: 0,
  transactionStatus: 0,
  transactionPartitions: null,
  transactionStartTimestampMs: -1,
  clientTransactionVersion: 0,
}

const OFFSET_KEY = '00010001670005746f70696300000003'
const groupRecords: [string, GroupRecord, string, string][] = [
  [
    'an offset',
    { type: 'offset', key: offsetKey, value: offsetValue },
    OFFSET_KEY,
    '0004000000000000002a00000007066dc3a974610000018bcfe5687b00',
  ],
  [
    'an offset of a topic id',
    {
      type: 'offset',
      key: offsetKey,
      value: { ...offsetValue, topicId: '000102030405060708090a0b0c0d0e0f' },
    },
    OFFSET_KEY,
    '0004000000000000002a00000007066dc3a974610000018bcfe5687b010010000102030405060708090a0b0c0d0e0f',
  ],
  [
    'a group',
    { type: 'group', group: 'g', value: groupValue },
    '0002000167',
    '00030007636f6e6e65637400000005000973657373696f6e656400026d310000018bcfe5687b0000000200026d31ffff000163000a2f3132372e302e302e310000ea6000002710000000020102000000010300026d3200026932000163000a2f3132372e302e302e310000ea60000027100000000000000000',
  ],
  [
    'an empty group',
    { type: 'group', group: 'g', value: emptyGroup },
    '0002000167',
    '0003000000000000ffffffff0000018bcfe5687b00000000',
  ],
]
for (const [name, record, key, value] of groupRecords) {
  test(`${name} is written as Kafka writes it, and read back`, () => {
    const encoded = encodeGroupRecord(record)
    assert.equal(encoded.key.toString('hex'), key)
    assert.equal(encoded.value?.toString('hex'), value)
    assert.deepEqual(decodeGroupRecord(encoded), record)
  })
}

test('an offset with an expiry of its own has the old format, without the leader epoch', () => {
  const value = { ...offsetValue, expireTimestamp: 1700000009999 }
  const encoded = encodeGroupRecord({ type: 'offset', key: offsetKey, value })
  assert.equal(
    encoded.value?.toString('hex'),
    '0001000000000000002a00056dc3a974610000018bcfe5687b0000018bcfe58f0f',
  )
  assert.deepEqual(decodeGroupRecord(encoded), {
    type: 'offset',
    key: offsetKey,
    value: { ...value, leaderEpoch: -1 },
  })
})

for (const [name, value, bytes] of [
  [
    'a transaction',
    transactionValue,
    '0001000000000000000900040000ea6001020274030000000000000002000000018bcfe5687b0000018bcfe56864020008000000000000000802020002',
  ],
  [
    'an empty transaction',
    emptyTransaction,
    '0001000000000000000900000000ea6000000000018bcfe5687bffffffffffffffff00',
  ],
] as const) {
  test(`${name} is written as Kafka writes it, and read back`, () => {
    const encoded = encodeTransaction('tx', value)
    assert.equal(encoded.key.toString('hex'), '000000027478')
    // the order of tagged fields is that of their tags: both sides sort them
    assert.equal(encoded.value?.toString('hex'), bytes)
    assert.deepEqual(decodeTransactionRecord(encoded), { transactionalId: 'tx', value })
  })
}

test('tombstones have a key only, and other kinds of records are passed over', () => {
  const tombstone = encodeGroupRecord({ type: 'group', group: 'g', value: null })
  assert.equal(tombstone.value, null)
  assert.deepEqual(decodeGroupRecord(tombstone), { type: 'group', group: 'g', value: null })
  const consumerGroup: StateRecord = { key: Buffer.from('0003000167', 'hex'), value: Buffer.alloc(6) }
  assert.equal(decodeGroupRecord(consumerGroup), null)
})
