import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SourceOffset } from '@isthmus/sdk'
import { openTies, readOffset, type StoredPosition, type Ties } from './position.ts'

interface TableRow {
  readonly value: string
  readonly bytes: Uint8Array
}
interface HandedOn extends TableRow {
  readonly offset: SourceOffset
}

const row = (value: number, content: string): TableRow => ({
  value: String(value),
  bytes: Buffer.from(content),
})

/** What a database answers: the rows from a value on, or behind it, sorted by their values, those that share one in the order of `rows`. */
function select(rows: readonly TableRow[], ties: Ties, limit: number): readonly TableRow[] {
  const from = ties.value === null ? Number.NEGATIVE_INFINITY : Number(ties.value)
  return rows
    .filter(({ value }) => (ties.behindAlone ? Number(value) > from : Number(value) >= from))
    .toSorted((a, b) => Number(a.value) - Number(b.value))
    .slice(0, limit + ties.known)
}

function readPage(rows: readonly TableRow[], ties: Ties, limit: number): readonly HandedOn[] {
  const page = select(rows, ties, limit)
  ties.begin(page)
  return page.flatMap((one) => {
    const offset = ties.next(one.value, one.bytes)
    return offset === null ? [] : [{ ...one, offset }]
  })
}

function readAll(rows: readonly TableRow[], ties: Ties, limit: number): readonly HandedOn[] {
  const all: HandedOn[] = []
  for (let page = readPage(rows, ties, limit); page.length > 0; page = readPage(rows, ties, limit))
    all.push(...page)
  return all
}

const contents = (rows: readonly TableRow[]) => rows.map(({ bytes }) => Buffer.from(bytes).toString())

/** A generator of the same numbers for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

describe('the position in a table read by a column', () => {
  const ties = [row(1, 'a'), row(2, 'b'), row(2, 'c'), row(2, 'd'), row(2, 'd'), row(3, 'e')]

  it('hands on each row once, also where a page ends among rows of one value', () => {
    for (let limit = 1; limit <= 7; limit++)
      assert.deepEqual(contents(readAll(ties, openTies('t', 'c', null), limit)), contents(ties))
  })

  it('goes on behind any row', () => {
    const all = readAll(ties, openTies('t', 'c', null), 2)
    for (const [index, { offset }] of all.entries()) {
      const rest = readAll(ties, openTies('t', 'c', readOffset(offset)), 2)
      assert.deepEqual(rest, all.slice(index + 1), `behind ${JSON.stringify(offset)}`)
    }
  })

  it('notices rows that come later with the value of the last one', () => {
    const open = openTies('t', 'c', null)
    assert.deepEqual(contents(readAll([row(1, 'a')], open, 10)), ['a'])
    assert.deepEqual(contents(readAll([row(1, 'late'), row(1, 'a'), row(1, 'a')], open, 10)), ['late', 'a'])
    assert.deepEqual(contents(readAll([row(1, 'a'), row(1, 'a'), row(1, 'late')], open, 10)), [])
  })

  it('hands the rows of one value on again rather than miss one, where their order is another after a restart', () => {
    const [, b] = readAll(ties, openTies('t', 'c', null), 10)
    const reordered = [row(1, 'a'), row(2, 'd'), row(2, 'c'), row(2, 'b'), row(2, 'd'), row(3, 'e')]
    const rest = readAll(reordered, openTies('t', 'c', readOffset(b?.offset ?? {})), 10)
    assert.deepEqual(contents(rest), ['d', 'c', 'b', 'd', 'e'])
  })

  it('goes on behind all rows of a value that a user has set', () => {
    const rest = readAll(ties, openTies('t', 'c', readOffset({ column: 'c', value: '2' })), 1)
    assert.deepEqual(contents(rest), ['e'])
    assert.deepEqual(rest[0]?.offset, { ...rest[0]?.offset, record: 0, value: '3', rows: 1 })
  })

  it('misses no row and repeats none but those of one value, whatever is inserted and wherever it stops', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = numbers(seed)
      const table: TableRow[] = []
      const seen = new Set<string>()
      let seenThisTime = new Set<string>()
      let from = 0
      let ties = openTies('t', 'c', null)
      let largest = 0
      let stored: SourceOffset | null = null
      for (let turn = 0; turn < 30; turn++) {
        for (let more = random(6); more > 0; more--) {
          largest += random(2)
          // among those of the same value as anywhere
          table.splice(random(table.length + 1), 0, row(largest, `${seed}/${turn}/${more}`))
        }
        const page: readonly HandedOn[] = readPage(table, ties, 1 + random(4))
        for (const one of page) {
          const [text = ''] = contents([one])
          assert.ok(!seenThisTime.has(text) && Number(one.value) >= from, `seed ${seed}: ${text} again`)
          seenThisTime.add(text)
          seen.add(text)
        }
        const committed: HandedOn | undefined = page[random(page.length + 1)]
        if (committed !== undefined) stored = committed.offset
        if (random(5) === 0) {
          // what was handed on behind the commit is handed on again
          const position: StoredPosition | null = stored === null ? null : readOffset(stored)
          ties = openTies('t', 'c', position)
          from = Number(position?.value ?? 0)
          seenThisTime = new Set()
        }
      }
      for (const one of readAll(table, ties, 3)) seen.add(contents([one])[0] ?? '')
      assert.deepEqual([...seen].sort(), contents(table).sort(), `seed ${seed}`)
    }
  })

  it('gives up a column that does not tell rows apart', () => {
    const same = Array.from({ length: 10_001 }, (_, index) => row(7, `row ${index}`))
    assert.throws(() => readAll(same, openTies('orders', 'state', null), 5000), {
      message: /More than 10000 rows of table orders have the value "7" in state/,
    })
  })

  it('is read from what a task has written, and from nothing else', () => {
    const digest = '00000000000000ff'
    assert.equal(readOffset({ record: 5 }), null)
    assert.deepEqual(readOffset({ record: 5n, column: 'c', value: 'v', rows: 2n, digest }), {
      record: 5,
      column: 'c',
      value: 'v',
      handedOn: { rows: 2, digest },
    })
    for (const value of ['-5', -5, -5n])
      assert.deepEqual(readOffset({ column: 'c', value }), {
        record: -1,
        column: 'c',
        value: '-5',
        handedOn: 'all',
      })
    for (const wrong of [
      { record: -2 },
      { record: 'x' },
      { record: 1.5 },
      { column: 'c' },
      { column: 'c', value: 1.5 },
      { column: 'c', value: 2 ** 53 },
      { column: 'c', value: true },
      { column: 'c', value: 'v', rows: 1 },
      { column: 'c', value: 'v', rows: 0, digest },
      { column: 'c', value: 'v', rows: 1, digest: 'zz' },
    ])
      assert.throws(() => readOffset(wrong), /is no offset of a table/, JSON.stringify(wrong))
  })
})
