import { randomUUID } from 'node:crypto'
import { after, before, describe } from 'node:test'
import { faultsContract } from './testing/contract/faults-contract.ts'
import { type OwnBroker, openOwnBroker } from './testing/own-broker.ts'

describe('the embedded broker, hung and crashed', () => {
  let own: OwnBroker
  before(async () => {
    own = await openOwnBroker()
  })
  after(() => own[Symbol.asyncDispose]())
  faultsContract({
    props: () => ({ 'bootstrap.servers': own.broker.bootstrapServers }),
    unique: (what) => `${what}-${randomUUID()}`,
    freeze: () => own.broker.freeze(),
    thaw: () => own.broker.thaw(),
    stop: () => own.stop(),
    start: () => own.start(),
  })
})
