/** `npm run soak -- [kills]`: the long form of recovery.test.ts. */
import { apacheIsPossible } from '../../apache/jars.ts'
import { killOften } from './kill-often.ts'

const kills = Number(process.argv[2] ?? 50)
const began = performance.now()
await killOften(kills, apacheIsPossible(), console.log)
console.log(
  `${kills} kills in ${((performance.now() - began) / 1000).toFixed(0)} s, nothing acknowledged was lost`,
)
