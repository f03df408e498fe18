import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupOffsetsKey, keyPrefix, objectKey, offsetsOf, partitionFolder, partitionOf } from './key.ts'

test('a key has the prefix, the topic, the partition and both offsets in 19 digits', () => {
  const folder = partitionFolder(keyPrefix('backups/eu'), 'orders', 12)
  assert.equal(folder, 'backups/eu/orders/12/')
  assert.equal(objectKey(folder, 5, 123_456), 'backups/eu/orders/12/0000000000000000005-0000000000000123456')
  assert.equal(groupOffsetsKey(folder), 'backups/eu/orders/12/offset/consumers_offset')
})

test('a prefix is trimmed and ends with one slash', () => {
  assert.equal(keyPrefix(''), '')
  assert.equal(keyPrefix('  '), '')
  assert.equal(keyPrefix(' data '), 'data/')
  assert.equal(keyPrefix('data/'), 'data/')
})

test('what was written is read back', () => {
  const folder = partitionFolder('', 't', 0)
  assert.deepEqual(offsetsOf(folder, objectKey(folder, 0, 0)), { start: 0, end: 0 })
  const last = Number.MAX_SAFE_INTEGER
  assert.deepEqual(offsetsOf(folder, objectKey(folder, last - 1, last)), { start: last - 1, end: last })
})

test('a prefix with the signs of a regular expression is a text like any other', () => {
  const folder = partitionFolder(keyPrefix('a.b/c'), 't.u', 3)
  assert.deepEqual(offsetsOf(folder, objectKey(folder, 1, 2)), { start: 1, end: 2 })
  assert.equal(offsetsOf(folder, objectKey(folder.replace('a.b', 'axb'), 1, 2)), null)
})

test('a key that is not of a backup names no offsets', () => {
  const folder = 'p/t/0/'
  const whole = objectKey(folder, 1, 2)
  for (const key of [
    folder,
    `${whole}0`,
    `${whole}.tmp`,
    whole.replace('-', '_'),
    whole.replace('0', ''),
    groupOffsetsKey(folder),
    objectKey(folder, 3, 2),
    `${folder}0000000000000000001-9999999999999999999`,
  ])
    assert.equal(offsetsOf(folder, key), null, key)
})

test('only plain numbers are partitions', () => {
  assert.equal(partitionOf('0'), 0)
  assert.equal(partitionOf('2147483647'), 2_147_483_647)
  for (const name of ['', '00', '01', '-1', '1.5', '1e3', 'offset', '2147483648'])
    assert.equal(partitionOf(name), null, name)
})
