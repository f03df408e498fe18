/** `node packages/kinetica-simulator/src/bin/kinetica-simulator.ts`: a Kinetica database in memory, until it is interrupted. */
import { parseArgs } from 'node:util'
import { openSimulator } from '../simulator.ts'

const DEFAULT_PORT = 9191
const DEFAULT_MONITOR_PORT = 9002

const help = `A Kinetica database in memory, for tests. It answers on the loopback interface until it is interrupted; nothing is kept.

  --port PORT           endpoints (${DEFAULT_PORT}; 0: a free one)
  --monitor-port PORT   messages of table monitors (${DEFAULT_MONITOR_PORT}; 0: a free one)
  --user USER           require these credentials (none are)
  --password PASSWORD

A table comes about with its first rows, with columns that take them; so that it can take more later, name
the values that may be missing as null once:

  curl -d '[{"id": 1, "name": "one"}, {"id": 2, "name": null}]' \\
    'http://localhost:${DEFAULT_PORT}/insert/records/json?table_name=KafkaConnectorTest'

Rows are read with

  curl -X POST 'http://localhost:${DEFAULT_PORT}/get/records/json?table_name=KafkaConnectorTest'

Columns of chosen types need a type, whose id creates the table:

  curl -d '{"type_definition": "{\\"type\\":\\"record\\",\\"name\\":\\"type_name\\",\\"fields\\":[{\\"name\\":\\"id\\",\\"type\\":\\"long\\"}]}",
            "label": "", "properties": {"id": ["primary_key"]}, "options": {}}' http://localhost:${DEFAULT_PORT}/create/type
  curl -d '{"table_name": "keyed", "type_id": "TYPE_ID", "options": {}}' http://localhost:${DEFAULT_PORT}/create/table
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: String(DEFAULT_PORT) },
    'monitor-port': { type: 'string', default: String(DEFAULT_MONITOR_PORT) },
    user: { type: 'string' },
    password: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(help)
} else {
  const simulator = await openSimulator({
    port: Number(values.port),
    monitorPort: Number(values['monitor-port']),
    ...(values.user === undefined ? {} : { user: values.user }),
    ...(values.password === undefined ? {} : { password: values.password }),
  })
  console.log(`Kinetica simulator at ${simulator.url}, table monitors at port ${simulator.monitorPort()}`)
  const stop = (): void => void simulator[Symbol.asyncDispose]().then(() => process.exit(0))
  process.once('SIGINT', stop).once('SIGTERM', stop)
}
