import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { type Broker, openBroker } from '@isthmus/broker'
import { groupsContract } from './contract/groups-contract.ts'
import { recordsContract } from './contract/records-contract.ts'
import type { Subject } from './contract/subject.ts'
import { transactionsContract } from './contract/transactions-contract.ts'

const apache = process.env['ISTHMUS_KAFKA']
const subjects: Subject[] = []
if (apache) subjects.push({ name: 'Apache Kafka', bootstrapServers: () => apache })

let dataDir = ''
let broker: Broker
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'isthmus-client-'))
  broker = await openBroker({ dataDir, properties: { 'group.initial.rebalance.delay.ms': '0' } })
})
after(async () => {
  await broker[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true })
})
subjects.push({ name: 'the embedded broker', bootstrapServers: () => broker.bootstrapServers })

for (const subject of subjects) {
  recordsContract(subject)
  transactionsContract(subject)
  groupsContract(subject)
}
