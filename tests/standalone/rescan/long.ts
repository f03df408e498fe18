import assert from 'node:assert/strict'
import { grown, type Held, playRescans } from './growth.ts'

// `node tests/standalone/rescan/long.ts [rounds]`: a plugin changes 200 times while its connector runs; what the worker's process holds is printed
const rounds = Number(process.argv[2] ?? 200)
const shown = ({ heapMb, residentMb, counts }: Held) =>
  `heap ${heapMb.toFixed(1)} MiB, resident ${residentMb.toFixed(0)} MiB, ${JSON.stringify(counts)}`
const started = performance.now()
const { before, after } = await playRescans(rounds, (round, held) => {
  if (round % 20 === 0) console.log(`${round}: ${shown(held)}`)
})
console.log(`before: ${shown(before)}\nafter:  ${shown(after)}`)
console.log(`${rounds} rescans in ${((performance.now() - started) / 1000).toFixed(0)} s`)
assert.deepEqual(grown(before.counts, after.counts), [])
