/**
 * `npm run chaos -- [seconds] [seed] [spare seconds]`: the long form of chaos.test.ts; on Apache Kafka with
 * APACHE=1. After each fault the group has its session timeout, its scheduled delay and the spare seconds to be whole again.
 */
import { openApacheKafka } from '../../apache/apache.ts'
import { openBrokerProcess } from '../../process/isthmus.ts'
import { openTempDir } from '../../process/temp-dir.ts'
import { chaos } from './chaos.ts'

const seconds = Number(process.argv[2] ?? 600)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
const spareMs = Number(process.argv[4] ?? 5) * 1000
console.log(`${seconds} s with seed ${seed}`)
await using dir = await openTempDir()
await using broker =
  process.env['APACHE'] === undefined ? await openBrokerProcess(dir.at('broker')) : await openApacheKafka()
await chaos({
  dir,
  broker,
  durationMs: seconds * 1000,
  seed,
  spareMs,
  say: (line) => console.log(line),
})
