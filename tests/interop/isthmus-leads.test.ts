import { describe, it } from 'node:test'
import { playMixed } from './mixed-play.ts'

const bootstrapServers = process.env['ISTHMUS_KAFKA'] ?? ''

describe('a group that our worker leads', { skip: bootstrapServers === '' && 'no Apache Kafka' }, () => {
  it('shares its work with those of Java, and signs what they tell each other', () =>
    playMixed({ bootstrapServers, leader: 'isthmus', follower: 'java', protocol: 'sessioned', whole: true }))

  it('shares its work by the protocol compatible', () =>
    playMixed({
      bootstrapServers,
      leader: 'isthmus',
      follower: 'java',
      protocol: 'compatible',
      whole: false,
    }))
})
