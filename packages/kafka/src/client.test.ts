import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBroker } from '@isthmus/broker'
import { clientContract } from './testing/contract/client-contract.ts'

const properties = { 'group.initial.rebalance.delay.ms': '0', 'group.min.session.timeout.ms': '500' }
clientContract(
  'the embedded broker',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-client-'))
    const broker = await openBroker({ dataDir, properties })
    return {
      props: { 'bootstrap.servers': broker.bootstrapServers },
      async [Symbol.asyncDispose]() {
        await broker[Symbol.asyncDispose]()
        await rm(dataDir, { recursive: true })
      },
    }
  },
  500,
)

const apache = process.env['ISTHMUS_KAFKA']
if (apache !== undefined)
  clientContract('Apache Kafka', async () => ({
    props: { 'bootstrap.servers': apache },
    [Symbol.asyncDispose]: async () => undefined,
  }))
