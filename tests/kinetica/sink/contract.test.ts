import { test } from 'node:test'
import { KineticaSink } from '@isthmus/connector-kinetica'
import { openSimulator } from '@isthmus/kinetica-simulator'
import { schema } from '@isthmus/sdk'
import { sinkContract, sinkRecord } from '@isthmus/testkit'
import { recordsOf } from './rig.ts'

const row = schema.struct({ id: schema.int32() }, { name: 'Row' })
const contract = sinkContract({
  plugin: KineticaSink,
  async target() {
    const database = await openSimulator()
    return {
      database,
      props: { 'kinetica.url': database.url, topics: 't' },
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    }
  },
  written: ({ database }) =>
    database.tables().some((name) => name.endsWith('Row')) ? database.rows('Row').length : 0,
  records: [0, 1].flatMap((kafkaPartition) => recordsOf(row, [{ id: 1 }, { id: 2 }], { kafkaPartition })),
  async outage({ database }) {
    await database.stop()
    return { [Symbol.asyncDispose]: () => database.start() }
  },
  refused: [sinkRecord({ topic: 't', value: 'no row' })],
})
for (const { name, run } of contract) test(name, run)
