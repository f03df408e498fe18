import assert from 'node:assert/strict'
import { it } from 'node:test'
import { assignEager } from './assign-eager.ts'
import { keysOf } from './work.ts'

it('deals connectors first and then tasks, in turn, in order of the members', () => {
  const shares = assignEager(['m2', 'm1'], {
    connectors: ['b', 'a', 'c'],
    tasks: [
      { connector: 'b', task: 0 },
      { connector: 'a', task: 10 },
      { connector: 'a', task: 2 },
    ],
  })
  assert.deepEqual(shares.get('m1'), {
    connectors: ['a', 'c'],
    tasks: [{ connector: 'a', task: 10 }],
  })
  assert.deepEqual(shares.get('m2'), {
    connectors: ['b'],
    tasks: [
      { connector: 'a', task: 2 },
      { connector: 'b', task: 0 },
    ],
  })
})

it('assigns everything once and evenly', () => {
  for (let members = 1; members < 8; members++)
    for (let count = 0; count < 20; count++) {
      const work = {
        connectors: Array.from({ length: count }, (_, i) => `c${i}`),
        tasks: Array.from({ length: count }, (_, i) => ({ connector: `c${i}`, task: 0 })),
      }
      const shares = assignEager(
        Array.from({ length: members }, (_, i) => `m${i}`),
        work,
      )
      const keys = [...shares.values()].map((share) => [...keysOf(share)])
      assert.deepEqual(keys.flat().sort(), [...keysOf(work)].sort())
      const sizes = keys.map((one) => one.length)
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
    }
})
