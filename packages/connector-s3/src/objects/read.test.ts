import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { encodeObject, type RecordToEncode } from '../testing/encode.ts'
import { openRecordReader, type ReadHeader, type StoredRecord } from './read.ts'

const KEY = 'p/t/0/0000000000000000005-0000000000000000006'
const golden = Buffer.from(
  `00000000 0000000000000005 0000000000000011 00000003 00000004 00000002 010203 04050607
   00000001 68 00000001 76 00000001 6e ffffffff
   0000000000000006 0000000000000012 ffffffff ffffffff 00000000`.replaceAll(/\s/g, ''),
  'hex',
)
const asIs: ReadHeader = (value) => ({ schema: null, value })

/** What an object's pieces hold; the reader's last word is whether anything is left. */
function read(pieces: readonly Uint8Array[], size = pieces.reduce((sum, { length }) => sum + length, 0)) {
  const reader = openRecordReader({ key: KEY, size }, asIs)
  const records: StoredRecord[] = []
  for (const piece of pieces) {
    reader.feed(piece)
    for (let record = reader.next(); record !== null; record = reader.next()) records.push(record)
  }
  return { records, position: reader.position }
}

const plain = (records: readonly StoredRecord[]) =>
  records.map(({ offset, timestamp, key, value, headers }) => ({
    offset,
    timestamp,
    key: hex(key),
    value: hex(value),
    headers: headers.map((header) => [header.key, hex(header.value as Uint8Array | null)]),
  }))
const expected = (records: readonly RecordToEncode[]) =>
  records.map(({ offset, timestamp = null, key, value, headers = [] }) => ({
    offset,
    timestamp,
    key: hex(key),
    value: hex(value),
    headers: headers.map(([name, text]) => [name, hex(text)]),
  }))
const hex = (value: Uint8Array | string | null | undefined): string | null =>
  value === null || value === undefined ? null : Buffer.from(value as string).toString('hex')

const bytes = fc.option(fc.uint8Array({ maxLength: 40 }))
const content = fc.array(
  fc.record({
    timestamp: fc.option(fc.integer({ min: 0, max: 2 ** 52 })),
    key: bytes,
    value: bytes,
    headers: fc.array(fc.tuple(fc.string({ maxLength: 5 }), bytes), { maxLength: 3 }),
  }),
  { maxLength: 8 },
)
const numbered = content.map((records): RecordToEncode[] =>
  records.map((record, index) => ({ offset: index * 3, ...record })),
)

/** The object in as many pieces as the sizes say, all of it. */
function split(object: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = []
  let from = 0
  for (const size of sizes) {
    pieces.push(object.subarray(from, from + size))
    from += size
  }
  return [...pieces, object.subarray(from)]
}

describe('reading an object', () => {
  it('of the golden bytes gives the records they were made of', () => {
    const { records, position } = read([golden])
    assert.deepEqual(plain(records), [
      {
        offset: 5,
        timestamp: 17,
        key: '010203',
        value: '04050607',
        headers: [
          ['h', '76'],
          ['n', null],
        ],
      },
      { offset: 6, timestamp: 18, key: null, value: null, headers: [] },
    ])
    assert.equal(position, golden.length)
  })

  it('gives the same records however its bytes are split', () => {
    fc.assert(
      fc.property(numbered, fc.array(fc.integer({ min: 0, max: 60 })), (records, sizes) => {
        const object = encodeObject(records)
        const result = read(split(object, sizes))
        assert.deepEqual(plain(result.records), expected(records))
        assert.equal(result.position, object.length)
      }),
    )
  })

  it('with any byte changed gives other records or an error that says where, and takes no more memory', () => {
    fc.assert(
      fc.property(
        numbered,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.array(fc.integer({ min: 0, max: 60 })),
        (records, at, flip, sizes) => {
          const object = encodeObject(records)
          const place = at % object.length
          object[place] = (object[place] ?? 0) ^ flip
          try {
            const result = read(split(object, sizes))
            const held = result.records.reduce(
              (sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0),
              0,
            )
            assert.ok(held <= object.length)
            // with all bytes there, nothing is waited for
            assert.equal(result.position, object.length)
          } catch (error) {
            if ((error as { code?: string }).code !== 'connect') throw error
            assert.match(
              (error as Error).message,
              new RegExp(`^Object ${KEY} cannot be read on from byte \\d+`),
            )
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('of a long record puts its bytes together a few times only', () => {
    const value = Buffer.alloc(2_000_000, 7)
    const headers = Array.from({ length: 2000 }, (_, index) => [`h${index}`, 'x'.repeat(500)] as const)
    const object = encodeObject([{ offset: 1, value, headers }])
    const pieces = Array.from({ length: Math.ceil(object.length / 1000) }, (_, index) =>
      object.subarray(index * 1000, (index + 1) * 1000),
    )
    const { copy } = Buffer.prototype
    let copied = 0
    Buffer.prototype.copy = function (...args: Parameters<typeof copy>) {
      const count = copy.apply(this, args)
      copied += count
      return count
    }
    try {
      assert.equal(read(pieces).records[0]?.headers.length, 2000)
    } finally {
      Buffer.prototype.copy = copy
    }
    assert.ok(copied >= object.length - 4)
    assert.ok(copied < 4 * object.length, `${copied} bytes were copied for ${object.length}`)
  })
})

describe('an object that is no backup', () => {
  const object = encodeObject([
    { offset: 5, value: 'five', headers: [['h', 'v']] },
    { offset: 6, value: 'six' },
  ])
  const second = 4 + 28 + 4 + 8 + 2

  it('of another version says which', () => {
    const other = Buffer.from(object)
    other[3] = 7
    assert.throws(
      () => read([other]),
      new RegExp(
        `Object ${KEY} .* byte 0 .* version 7, where only 0 is known. No record of it could be read`,
      ),
    )
  })

  it('that ends within a record says where, and which record was the last', () => {
    assert.throws(
      () => read([object.subarray(0, second + 20)]),
      new RegExp(
        `byte ${second} of ${second + 20}: 20 bytes are left.* last record that is whole has offset 5`,
      ),
    )
    assert.throws(
      () => read([object.subarray(0, -1)]),
      new RegExp(`byte ${second + 20} .* the value would have a length of 3, where 2 bytes are left`),
    )
  })

  it('refuses lengths below none, and headers that there is no room for', () => {
    const at = (place: number, value: number) => {
      const other = Buffer.from(object)
      other.writeInt32BE(value, place)
      return () => read([other])
    }
    assert.throws(at(4 + 16, -2), /the key would have a length of -2/)
    assert.throws(at(4 + 20, 0x7fffffff), /the value would have a length of 2147483647/)
    assert.throws(at(4 + 24, -1), /would have -1 headers/)
    assert.throws(at(4 + 24, 1_000_000), /would have 1000000 headers/)
    assert.throws(at(4 + 28 + 4, -1), /header 1 has no name/)
    assert.throws(at(4 + 28 + 4 + 5, 1000), /the value of header 1 would have a length of 1000/)
  })

  it('that is empty, or shorter than its version, is one too', () => {
    assert.throws(() => read([Buffer.alloc(3)]), /too short for the version/)
    assert.deepEqual(read([Buffer.alloc(4)]), { records: [], position: 4 })
  })
})
