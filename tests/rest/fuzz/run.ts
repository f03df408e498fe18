import { fuzz } from './fuzz.ts'

/** `npm run fuzz:rest [examples] [seed]`: 220 examples of an operation are more than 5,000 requests in all. */
const [examples = '220', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)
const requests = await fuzz({
  examples: Number(examples),
  seed: Number(seed),
  longestMs: 30 * 60_000,
})
process.stdout.write(
  `${requests} random requests (seed ${seed}): no 5xx, no surprise, the worker is healthy\n`,
)
