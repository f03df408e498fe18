import assert from 'node:assert/strict'
import { it } from 'node:test'
import { play } from './play.ts'

const PLAYS = 100

it('comes to rest, and runs nothing twice, whatever happens to a group of workers', async () => {
  for (let seed = 1; seed <= PLAYS; seed++) {
    const { fault, lines } = await play(seed)
    assert.equal(fault, null, `seed ${seed}\n${lines.slice(-100).join('\n')}`)
  }
})
