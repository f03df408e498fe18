import { describe, it } from 'node:test'
import { openApacheKafka } from '../../apache/apache.ts'
import { openBrokerProcess } from '../../process/isthmus.ts'
import { openTempDir } from '../../process/temp-dir.ts'
import { chaos } from './chaos.ts'

const DURATION_MS = 60_000
/** The machine may be busy with other tests; the long form asks for 5 seconds. */
const SPARE_MS = 60_000

describe('a group of workers that is broken again and again', () => {
  it('loses nothing on the embedded broker', async (t) => {
    await using dir = await openTempDir()
    await using broker = await openBrokerProcess(dir.at('broker'))
    const seed = Date.now() % 1_000_000
    t.diagnostic(`seed ${seed}`)
    await chaos({
      dir,
      broker,
      durationMs: DURATION_MS,
      spareMs: SPARE_MS,
      seed,
      say: (line) => t.diagnostic(line),
    })
  })

  it('loses nothing on Apache Kafka', {
    skip: process.env['ISTHMUS_KAFKA'] === undefined && 'no Apache Kafka',
  }, async (t) => {
    await using dir = await openTempDir()
    // a broker of its own: this one is killed
    await using broker = await openApacheKafka()
    const seed = Date.now() % 1_000_000
    t.diagnostic(`seed ${seed}`)
    await chaos({
      dir,
      broker,
      durationMs: DURATION_MS,
      spareMs: SPARE_MS,
      seed,
      say: (line) => t.diagnostic(line),
    })
  })
})
