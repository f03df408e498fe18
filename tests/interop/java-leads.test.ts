import { describe, it } from 'node:test'
import { playMixed } from './mixed-play.ts'

const bootstrapServers = process.env['ISTHMUS_KAFKA'] ?? ''

describe('a group that a Java worker leads', { skip: bootstrapServers === '' && 'no Apache Kafka' }, () => {
  it('shares its work with ours, and signs what they tell each other', () =>
    playMixed({ bootstrapServers, leader: 'java', follower: 'isthmus', protocol: 'sessioned', whole: true }))

  it('shares its work by the protocol eager', () =>
    playMixed({ bootstrapServers, leader: 'java', follower: 'isthmus', protocol: 'eager', whole: false }))
})
