import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32c, crc32cPortable } from './crc32c.ts'

// RFC 3720, B.4, and the usual check value
const known: [Buffer, number][] = [
  [Buffer.from('123456789'), 0xe3069283],
  [Buffer.alloc(32), 0x8a9136aa],
  [Buffer.alloc(32, 0xff), 0x62a8ab43],
  [Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
  [Buffer.alloc(0), 0],
]

for (const [name, crc] of [
  ['of this platform', crc32c],
  ['portable', crc32cPortable],
] as const) {
  test(`CRC-32C, ${name}: the known values`, () => {
    for (const [bytes, expected] of known) assert.equal(crc(bytes), expected)
  })
  test(`CRC-32C, ${name}: goes on from a previous value, at any cut`, () => {
    const bytes = Buffer.from(Array.from({ length: 61 }, (_, i) => (i * 97) & 0xff))
    for (let cut = 0; cut <= bytes.length; cut++)
      assert.equal(crc(bytes.subarray(cut), crc(bytes.subarray(0, cut))), crc32cPortable(bytes))
  })
}
