import { after, test } from 'node:test'
import { KineticaSink } from '@isthmus/connector-kinetica'
import { openSimulator } from '@isthmus/kinetica-simulator'
import { parseConfig, schema } from '@isthmus/sdk'
import { sinkTaskContract } from '@isthmus/testkit'
import { recordsOf } from './rig.ts'

const database = await openSimulator()
after(() => database[Symbol.asyncDispose]())

const row = schema.struct({ id: schema.int32() }, { name: 'Row' })
const config = parseConfig(KineticaSink.config, { 'kinetica.url': database.url, topics: 't' })
const contract = sinkTaskContract({
  open: (context) => KineticaSink.task(config, context),
  records: [0, 1].flatMap((kafkaPartition) => recordsOf(row, [{ id: 1 }, { id: 2 }], { kafkaPartition })),
  written: () => (database.tables().length === 0 ? 0 : database.rows('Row').length),
})
for (const { name, run } of contract) test(name, run)
