import { test } from 'node:test'
import { javaIsAbsent } from '../availability.ts'
import { killOften } from './kill-often.ts'

// `npm run soak` kills more often
const KILLS = 5

test(
  `nothing acknowledged is lost, doubled or wrong after ${KILLS} kills of the broker under load`,
  {
    timeout: 200_000,
  },
  (t) => killOften(KILLS, javaIsAbsent() === false, (line) => t.diagnostic(line)),
)
