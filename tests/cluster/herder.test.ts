import { openClient } from '@isthmus/client'
import { openInlineHost, testPlugins } from '@isthmus/runtime/testing'
import { openRestWorker } from '../rest/worker.ts'
import { brokers, kafka, openGroup } from './cluster.ts'
import { type Cluster, herderContract } from './herder-contract.ts'

herderContract('a worker on its own', async (): Promise<Cluster> => {
  const worker = await openRestWorker(
    { 'key.converter': 'Text', 'value.converter': 'Text' },
    { kafka, openHost: openInlineHost(kafka), scan: { plugins: testPlugins, warnings: [] } },
  )
  return {
    clients: [openClient({ url: worker.url })],
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  }
})

for (const { name, kafka: external } of brokers)
  herderContract(`a group of three on ${name}`, async (): Promise<Cluster> => {
    const group = await openGroup(3, { 'offset.flush.interval.ms': '200' }, { kafka: external })
    const [first, ...others] = group.members.map(({ client }) => client)
    if (first === undefined) throw new Error('no members')
    return { clients: [first, ...others], [Symbol.asyncDispose]: () => group[Symbol.asyncDispose]() }
  })
