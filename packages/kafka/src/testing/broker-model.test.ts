import { describe } from 'node:test'
import { BrokerModel } from './broker-model.ts'
import { sequencesContract } from './contract/sequences-contract.ts'

describe('the model of a broker', () => {
  sequencesContract(async () => {
    const { cluster, topic } = new BrokerModel({ partitions: 1, delay: () => 0, fault: () => ({}) })
    return { cluster, topic, leader: 0, [Symbol.asyncDispose]: async () => undefined }
  })
})
