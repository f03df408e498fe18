import { describe, it } from 'node:test'
import { playSides } from './sides-play.ts'

const bootstrapServers = process.env['ISTHMUS_KAFKA'] ?? ''

describe('what is asked in a group that a Java worker leads', {
  skip: bootstrapServers === '' && 'no Apache Kafka',
}, () => {
  it('may be asked of either side about the other', () => playSides(bootstrapServers, 'java', 'isthmus'))
})
