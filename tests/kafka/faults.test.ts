import { randomUUID } from 'node:crypto'
import { after, before, describe } from 'node:test'
import { faultsContract } from '@isthmus/kafka/testing'
import { type ApacheKafka, openApacheKafka } from '../apache/apache.ts'
import { apacheIsPossible } from '../apache/jars.ts'

describe('Apache Kafka, hung and crashed', { skip: !apacheIsPossible() }, () => {
  let apache: ApacheKafka
  before(async () => {
    apache = await openApacheKafka()
  })
  after(() => apache[Symbol.asyncDispose]())
  faultsContract({
    props: () => ({ 'bootstrap.servers': apache.bootstrapServers }),
    unique: (what) => `${what}-${randomUUID()}`,
    freeze: () => void process.kill(apache.pid, 'SIGSTOP'),
    thaw: () => void process.kill(apache.pid, 'SIGCONT'),
    stop: () => apache.kill(),
    start: () => apache.start(),
  })
})
