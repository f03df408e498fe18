import assert from 'node:assert/strict'
import { it } from 'node:test'
import { play } from './play.ts'

const PLAYS = 100
/** Each has shown a fault once. */
const KNOWN = [110, 172, 196, 208, 220, 1017, 1169, 1688, 2068, 2724]

it('comes to rest, and runs nothing twice, whatever happens to a group of workers', async () => {
  const seeds = [...Array.from({ length: PLAYS }, (_, i) => i + 1), ...KNOWN]
  for (const seed of seeds) {
    const { fault, lines } = await play(seed)
    assert.equal(fault, null, `seed ${seed}\n${lines.slice(-100).join('\n')}`)
  }
})
