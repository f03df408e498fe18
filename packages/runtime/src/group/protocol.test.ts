import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Assignment,
  decodeAssignment,
  decodeMetadata,
  encodeAssignment,
  encodeMetadata,
  protocolNames,
} from './protocol.ts'
import { NO_WORK } from './work.ts'

// written by the reference's own classes
const METADATA = {
  default: '0000000f687474703a2f2f77313a383038332f000000000000000a',
  compatible: '0001000f687474703a2f2f77313a383038332f000000000000000affffffff',
  sessioned: '0002000f687474703a2f2f77313a383038332f000000000000000affffffff',
}
const FULL =
  '0002000000036d2d31000f687474703a2f2f77313a383038332f000000000000000a000000020002633100000003ffffffff0000000000000001000263320000000100000000000000010002633300000002ffffffff00000002000493e0'
const EMPTY = '0002000000036d2d31000f687474703a2f2f77313a383038332f000000000000000a000000000000000000000000'
const EAGER =
  '0000000000036d2d31000f687474703a2f2f77313a383038332f000000000000000a000000010002633100000002ffffffff00000000'

const url = 'http://w1:8083/'
const base = { error: 0, leader: 'm-1', leaderUrl: url, offset: 10, delayMs: 0 } as const
const empty: Assignment = { ...base, assigned: NO_WORK, revoked: NO_WORK }
const full: Assignment = {
  ...base,
  delayMs: 300_000,
  assigned: {
    connectors: ['c1'],
    tasks: [
      { connector: 'c1', task: 0 },
      { connector: 'c1', task: 1 },
      { connector: 'c2', task: 0 },
    ],
  },
  revoked: { connectors: ['c3'], tasks: [{ connector: 'c3', task: 2 }] },
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (text: string) => Buffer.from(text, 'hex')

describe('the bytes of the worker group', () => {
  it('offers the newest protocol first', () => {
    assert.deepEqual(protocolNames('sessioned'), ['sessioned', 'compatible', 'default'])
    assert.deepEqual(protocolNames('eager'), ['default'])
  })

  for (const [name, expected] of Object.entries(METADATA))
    it(`writes and reads metadata of the protocol ${name}`, () => {
      const metadata = { url, offset: 10, allocation: null }
      assert.equal(hex(encodeMetadata(name, metadata)), expected)
      assert.deepEqual(decodeMetadata(bytes(expected)), metadata)
    })

  for (const [what, assignment, expected] of [
    ['a full', full, FULL],
    ['an empty', empty, EMPTY],
  ] as const)
    it(`writes and reads ${what} assignment`, () => {
      assert.equal(hex(encodeAssignment('sessioned', assignment)), expected)
      assert.deepEqual(decodeAssignment(bytes(expected)), assignment)
    })

  it('writes and reads an assignment of the eager protocol', () => {
    const assignment = {
      ...base,
      revoked: NO_WORK,
      assigned: { connectors: ['c1'], tasks: [{ connector: 'c1', task: 0 }] },
    }
    assert.equal(hex(encodeAssignment('default', assignment)), EAGER)
    assert.deepEqual(decodeAssignment(bytes(EAGER)), assignment)
  })

  it('writes and reads an allocation within metadata', () => {
    const metadata = { url, offset: 10, allocation: full }
    const written = encodeMetadata('sessioned', metadata)
    assert.equal(hex(written), `0002000f687474703a2f2f77313a383038332f000000000000000a0000005e${FULL}`)
    assert.deepEqual(decodeMetadata(written), metadata)
  })

  it('reads what ends early, or is newer, as far as it goes', () => {
    const upToOffset = bytes(EMPTY).subarray(0, 34)
    assert.deepEqual(decodeAssignment(upToOffset), empty)
    const newer = bytes(FULL)
    newer.writeInt16BE(3, 0)
    assert.deepEqual(decodeAssignment(Buffer.concat([newer, Buffer.from('more')])), full)
    assert.deepEqual(decodeMetadata(bytes(METADATA.sessioned).subarray(0, 27)).allocation, null)
  })

  it('refuses what is not of this protocol', () => {
    assert.throws(() => decodeMetadata(bytes('ffff0000')), /Unsupported subscription version: -1/)
    assert.throws(() => decodeMetadata(bytes('00010fff')), /breaks at byte/)
    assert.throws(() => decodeAssignment(bytes(`${EMPTY.slice(0, 68)}7fffffff`)), /breaks at byte/)
  })

  it('reads no random bytes for longer than they are', () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const random = bytes(FULL)
      for (let i = 0; i < 3; i++) random[(seed * 31 + i * 17) % random.length] = (seed * 7 + i * 113) % 256
      try {
        decodeAssignment(random)
      } catch (error) {
        assert.match(String(error), /ends or breaks|Unsupported/)
      }
    }
  })
})
