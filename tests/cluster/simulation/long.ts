/** `node tests/cluster/simulation/long.ts [plays] [first seed]`: plays until one fails, and prints how that went. */
import { play } from './play.ts'

const [plays = 100, first = 1] = process.argv.slice(2).map(Number)
const started = performance.now()
const times: number[] = []
let faults = 0
for (let seed = first; seed < first + plays; seed++) {
  const { wholeAfterMs, fault, lines } = await play(seed)
  times.push(wholeAfterMs)
  if (fault === null) continue
  faults++
  console.log(`seed ${seed}: ${fault}`)
  if (plays === 1) console.log(lines.join('\n'))
}
times.sort((a, b) => a - b)
const at = (part: number) => times[Math.floor((times.length - 1) * part)]
console.log(
  `${plays} plays, ${faults} faults, ${Math.round(performance.now() - started)} ms; whole after ${at(0.5)} ms (median), ${at(0.9)} ms (90 %), ${at(1)} ms`,
)
