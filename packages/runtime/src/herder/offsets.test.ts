import assert from 'node:assert/strict'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { typedNumber } from '@isthmus/sdk/data'
import { encodeFlat } from '../store/offsets/bytes.ts'
import { openFileOffsets } from '../store/offsets/file.ts'
import { allForgotten, groupOffsetsOf } from './offsets.ts'

const offsetOf = (kafka_offset: unknown, kafka_partition: unknown = 0) =>
  groupOffsetsOf([{ partition: { kafka_topic: 't', kafka_partition }, offset: { kafka_offset } }])[0]

describe('offsets of a sink as users write them', () => {
  it('are whole numbers, also as text', () => {
    for (const given of [5, '5', '+5', 5n]) assert.equal(offsetOf(given)?.offset, 5)
    assert.equal(offsetOf(Number.MAX_SAFE_INTEGER)?.offset, Number.MAX_SAFE_INTEGER)
  })

  it('are refused in the words of Java where they are none', () => {
    for (const [given, shown] of [
      [100000000000000000000n, '100000000000000000000'],
      [typedNumber('float64', 1), '1.0'],
      [1.5, '1.5'],
      [[1], '[1]'],
      [{ a: 1 }, '{a=1}'],
      [true, 'true'],
      [null, 'null'],
      [' 5', ' 5'],
    ] as const)
      assert.throws(() => offsetOf(given), {
        code: 'bad-request',
        message: `Failed to parse the following Kafka offset value in the provided offsets: '${shown}'. Offset values for sink connectors need to be integers.`,
      })
    assert.throws(() => offsetOf('9'.repeat(1_000_000)), { code: 'bad-request' })
    assert.throws(() => offsetOf(1, typedNumber('float64', 1)), { message: /partition value .* '1\.0'/ })
  })

  it('are refused where no partition could have them', () => {
    for (const given of [-1, -5, '-3'])
      assert.throws(() => offsetOf(given), { message: `Kafka offsets may not be negative: ${given}` })
    for (const given of [9007199254740993n, '9223372036854775807'])
      assert.throws(() => offsetOf(given), {
        code: 'bad-request',
        message: `Kafka offsets may not be larger than 9007199254740991: ${given}`,
      })
    assert.throws(() => offsetOf(1, -1), { message: 'Kafka partitions may not be negative: -1' })
  })
})

describe('offsets of a source', () => {
  it('have 64 bits, or are refused', () => {
    assert.equal(encodeFlat({ a: 9223372036854775807n }), '{"a":9223372036854775807}')
    assert.throws(() => encodeFlat({ a: 9223372036854775808n }), {
      code: 'data',
      message:
        'Offsets may only contain primitive types as values, but field a contains class java.math.BigInteger',
    })
  })
})

describe('a reset of a source', () => {
  it('forgets what could not be stored as well, and fails while it cannot be', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'isthmus-offsets-'))
    try {
      await using store = await openFileOffsets(join(folder, 'offsets'))
      await store.write('c', [[{ f: 1 }, { position: 1 }]])
      await symlink('/dev/full', join(folder, 'offsets.tmp'))
      await assert.rejects(store.write('c', [[{ f: 2 }, { position: 2 }]]), { message: /ENOSPC/ })
      await assert.rejects(allForgotten(store, 'c'), { message: /ENOSPC/ })
      await rm(join(folder, 'offsets.tmp'))
      assert.deepEqual(await allForgotten(store, 'c'), [
        [{ f: 1 }, null],
        [{ f: 2 }, null],
      ])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
