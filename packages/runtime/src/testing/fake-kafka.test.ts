import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBroker } from '@isthmus/broker'
import { KAFKA } from '../worker/engine.ts'
import { clientsContract } from './clients-contract.ts'
import { fakeKafka } from './fake-kafka.ts'

clientsContract('Kafka in memory', async () => ({
  kafka: fakeKafka(),
  props: { 'bootstrap.servers': 'nowhere:1' },
  async [Symbol.asyncDispose]() {},
}))

clientsContract('the Kafka client', async () => {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-clients-'))
  stack.defer(() => rm(dataDir, { recursive: true }))
  const properties = { 'group.initial.rebalance.delay.ms': '0' }
  const { bootstrapServers } = stack.use(await openBroker({ dataDir, properties, port: 0 }))
  const owned = stack.move()
  return {
    kafka: KAFKA,
    props: { 'bootstrap.servers': bootstrapServers },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
})
