import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestLog } from '../testing/restore-rig.ts'
import { alterRestoreOffsets } from './alter-offsets.ts'
import { listedAfter, positionOf } from './position.ts'

const KEY = 'p/t/0/0000000000000000010-0000000000000000019'
const stored = {
  startOffset: '0000000000000000010',
  endOffset: '0000000000000000019',
  s3ObjectKey: KEY,
  lastReadOffset: 12n,
}

describe('a stored position', () => {
  it('within an object lists that one again, at its end the next', () => {
    const { log } = openTestLog()
    const within = positionOf(stored, 'p/t/0/', log)
    assert.deepEqual(within, { key: KEY, last: 12 })
    assert.equal(listedAfter('p/t/0/', within), 'p/t/0/0000000000000000010-0000000000000000012')
    assert.equal(listedAfter('p/t/0/', positionOf({ ...stored, lastReadOffset: 19 }, 'p/t/0/', log)), KEY)
    assert.equal(listedAfter('p/t/0/', positionOf(null, 'p/t/0/', log)), null)
  })

  it('of another prefix does not count, and that is told', () => {
    const { log, lines } = openTestLog()
    assert.deepEqual(positionOf(stored, 'other/t/0/', log), { key: null, last: -1 })
    assert.match(
      lines.join(),
      /^warn The stored offset is of object p\/t\/0\/.*, which is not below other\/t\/0\//,
    )
  })

  it('that is none fails', () => {
    const { log } = openTestLog()
    assert.throws(
      () => positionOf({ position: 3 }, 'p/t/0/', log),
      /offset stored for p\/t\/0\/ cannot be used: Offset objects should either be null or contain the key 'startOffset'/,
    )
  })
})

describe('a position that is to be set', () => {
  const partition = { source: 't/0', targetPrefix: '' }
  const alter = (offset: object | null, of: object | null = partition) =>
    alterRestoreOffsets({ prefix: 'p' }, [[of as never, offset as never]])

  it('is taken where a restore can go on from it, and so is a reset of anything', () => {
    assert.equal(alter(stored), true)
    assert.equal(alter({ ...stored, lastReadOffset: 19, more: 'x' }), true)
    assert.equal(alter(null, { whatever: 1 }), true)
    assert.equal(alter(null, null), true)
  })

  it('is refused with what is wrong with it', () => {
    const { s3ObjectKey: _, ...keyless } = stored
    for (const [offset, of, message] of [
      [keyless, partition, /contain the key 's3ObjectKey'/],
      [{ ...stored, startOffset: '10' }, partition, /'startOffset' .* text of 19 digits/],
      [{ ...stored, endOffset: '9999999999999999999' }, partition, /'endOffset' .* text of 19 digits/],
      [{ ...stored, s3ObjectKey: 5 }, partition, /'s3ObjectKey' .* key of an object/],
      [{ ...stored, lastReadOffset: '12' }, partition, /'lastReadOffset' .* Long value/],
      [{ ...stored, lastReadOffset: 1.5 }, partition, /'lastReadOffset' .* Long value/],
      [{ ...stored, lastReadOffset: -1 }, partition, /between startOffset and endOffset, and is -1/],
      [{ ...stored, lastReadOffset: 20 }, partition, /between startOffset and endOffset, and is 20/],
      [{ ...stored, lastReadOffset: 9 }, partition, /between startOffset and endOffset, and is 9/],
      [stored, null, /Partition objects cannot be null/],
      [stored, { source: 't/0' }, /contain the key 'targetPrefix'/],
      [stored, { source: 't', targetPrefix: '' }, /expected to be <topic>\/<partition>, and is t$/],
      [stored, { source: 't/1', targetPrefix: '' }, /'s3ObjectKey' .* expected to be p\/t\/1\/0/],
      [
        { ...stored, s3ObjectKey: KEY.replace('p/', 'q/') },
        partition,
        /'s3ObjectKey' .* expected to be p\/t\/0\//,
      ],
    ] as const)
      assert.throws(() => alter(offset, of), message)
  })
})
