import { describe, test } from 'node:test'
import { openApacheKafka } from '../../apache/apache.ts'
import { openBrokerProcess } from '../../process/isthmus.ts'
import { shortChaos } from './short.ts'

const LONGEST_MS = 6 * 60_000

// one file, so that they run one after the other: each keeps a machine busy
describe('a group of workers that is broken again and again loses nothing', () => {
  test('on the embedded broker', { timeout: LONGEST_MS }, (t) => shortChaos(t, openBrokerProcess))

  test(
    'on Apache Kafka',
    {
      skip: process.env['ISTHMUS_KAFKA'] === undefined && 'no Apache Kafka',
      timeout: LONGEST_MS,
    },
    // a broker of its own: this one is killed
    (t) => shortChaos(t, () => openApacheKafka()),
  )
})
