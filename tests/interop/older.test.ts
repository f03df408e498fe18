import { it } from 'node:test'
import { apacheIsPossible, OLDER_VERSION } from '../apache/jars.ts'
import { playOlder } from './older-play.ts'

const bootstrapServers = process.env['ISTHMUS_KAFKA'] ?? ''

it(
  `a cluster of Java ${OLDER_VERSION} is taken over, shared and given back`,
  {
    skip: (bootstrapServers === '' || !apacheIsPossible(OLDER_VERSION)) && 'no Apache Kafka',
  },
  () => playOlder(bootstrapServers, OLDER_VERSION),
)
