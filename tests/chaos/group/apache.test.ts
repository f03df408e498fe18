import { test } from 'node:test'
import { openApacheKafka } from '../../apache/apache.ts'
import { shortChaos } from './short.ts'

test(
  'a group of workers that is broken again and again loses nothing on Apache Kafka',
  {
    skip: process.env['ISTHMUS_KAFKA'] === undefined && 'no Apache Kafka',
  },
  (t) =>
    // a broker of its own: this one is killed
    shortChaos(t, () => openApacheKafka()),
)
