import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { spread, surplus } from './balance.ts'

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `c${from + i}`)
const loads = (...sizes: number[]) => {
  let next = 0
  return new Map(
    sizes.map((size, i) => {
      next += size
      return [`worker${i}`, new Set(numbered(next - size, next))]
    }),
  )
}

describe('spreading work', () => {
  it('deals to balanced workers in turn', () => {
    const shares = loads(2, 2, 2)
    spread(shares, numbered(6, 11))
    assert.deepEqual([...(shares.get('worker0') ?? [])], ['c0', 'c1', 'c6', 'c9'])
    assert.deepEqual([...(shares.get('worker1') ?? [])], ['c2', 'c3', 'c7', 'c10'])
    assert.deepEqual([...(shares.get('worker2') ?? [])], ['c4', 'c5', 'c8'])
  })

  it('fills up the workers with the least first', () => {
    const shares = loads(2, 3, 4, 0)
    spread(shares, numbered(9, 24))
    assert.deepEqual(
      [...shares.values()].map((load) => load.size),
      [6, 6, 6, 6],
    )
  })
})

describe('a surplus', () => {
  it('is none where all have their share', () => {
    assert.equal(surplus(loads(2, 3, 2), 7).size, 0)
  })
  it('is what a worker has first, beyond its share', () => {
    assert.deepEqual([...surplus(loads(4, 0), 4)], [['worker0', ['c0', 'c1']]])
    assert.deepEqual([...surplus(loads(5, 0), 5)], [['worker0', ['c0', 'c1']]])
  })
})
