import { describe } from 'node:test'
import { clusterContract } from './contract/cluster-contract.ts'
import { ScriptedCluster } from './scripted-cluster.ts'

describe('a scripted cluster', () => {
  clusterContract(async () => {
    const cluster = new ScriptedCluster()
    // nothing is ever there
    cluster.answers['Fetch'] = () => new Promise(() => {})
    return {
      cluster,
      async topic(partitions) {
        cluster.setTopic('t', new Array<number>(partitions).fill(1))
        return 't'
      },
      missing: 'none',
      [Symbol.asyncDispose]: async () => undefined,
    }
  })
})
