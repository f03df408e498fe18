import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { configStoreContract } from '../testing/configs-contract.ts'
import { kafkaStoresContract } from '../testing/kafka-contract.ts'
import { openKafkaPlace } from '../testing/kafka-rig.ts'
import { statusStoreContract } from '../testing/statuses-contract.ts'
import { offsetStoreContract } from '../testing/stores-contract.ts'
import { topicSetupContract } from '../testing/topic-setup-contract.ts'

function onBroker(name: string, open: () => Promise<{ readonly servers: string } & AsyncDisposable>): void {
  describe(`stores on ${name}`, () => {
    let broker: Awaited<ReturnType<typeof open>>
    before(async () => {
      broker = await open()
    })
    after(() => broker[Symbol.asyncDispose]())
    const place = () => openKafkaPlace(broker.servers)
    configStoreContract('the config topic', async () => {
      const at = place()
      return { open: () => at.openConfigs(), [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() }
    })
    statusStoreContract('the status topic', async () => {
      const at = place()
      return { open: at.openStatuses, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() }
    })
    offsetStoreContract('the offsets topic', async () => {
      const at = place()
      return { open: at.openOffsets, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() }
    })
    kafkaStoresContract(place)
    topicSetupContract(place)
  })
}

onBroker('the embedded broker', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-stores-'))
  const broker = await openBroker({ dataDir })
  return {
    servers: broker.bootstrapServers,
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true })
    },
  }
})

const apache = process.env['ISTHMUS_KAFKA']
if (apache !== undefined)
  onBroker('Apache Kafka', async () => ({ servers: apache, [Symbol.asyncDispose]: async () => {} }))
