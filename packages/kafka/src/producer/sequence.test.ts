import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterBatch, FRESH, inNewEpoch, lostBy, type Numbering, provenBy, withoutBatch } from './sequence.ts'

const identity = { producerId: 7, epoch: 0 }
const at = (type: 'unproven' | 'proven' | 'lost', next: number, epoch = 0): Numbering => ({
  type,
  identity: { ...identity, epoch },
  next,
})

for (const [what, numbering, expected] of [
  ['the first batch begins at 0', afterBatch(FRESH, identity, 3), at('unproven', 3)],
  [
    'the next behind it, as the identity of the first',
    afterBatch(at('proven', 3, 2), identity, 4),
    at('proven', 7, 2),
  ],
  ['behind the last number comes 0', afterBatch(at('proven', 2 ** 31 - 1), identity, 1), at('proven', 0)],
  ['what is in the log proves the producer known', provenBy(at('unproven', 3)), at('proven', 3)],
  ['but not a log that lacks a batch', provenBy(at('lost', 3)), at('lost', 3)],
  ['without numbers nothing is proven', provenBy(FRESH), FRESH],
  ['numbers of a batch that is refused are free again', withoutBatch(at('proven', 7), 3, 4), at('proven', 3)],
  ['unless a later one has some', withoutBatch(at('proven', 9), 3, 4), at('proven', 9)],
  ['a lost batch stops numbering', lostBy(at('proven', 7)), at('lost', 7)],
  ['until the next epoch', inNewEpoch(at('lost', 7)), at('unproven', 0, 1)],
  ['the last epoch of a producer id ends it', inNewEpoch(at('lost', 7, 0x7fff)), FRESH],
] as const)
  test(what, () => {
    assert.deepEqual(numbering, expected)
  })
