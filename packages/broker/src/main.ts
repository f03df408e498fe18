import { parseArgs } from 'node:util'
import { openBroker } from './broker.ts'
import { messageOf } from './request-error.ts'

/** Runs one broker until SIGTERM or SIGINT. */
const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    'advertised-host': { type: 'string' },
    /** `name=value`, as often as needed: a broker property by Kafka's name. */
    property: { type: 'string', multiple: true, default: [] },
    /** `name=value`: the default of a topic config. */
    'topic-default': { type: 'string', multiple: true, default: [] },
  },
})

const stamped = (level: string) => (message: string) =>
  console.error(`${new Date().toISOString()} ${level} ${message}`)

async function main(): Promise<void> {
  const dataDir = values['data-dir']
  if (dataDir === undefined) throw new Error('--data-dir is missing: say where the broker keeps its data')
  const advertisedHost = values['advertised-host']
  await using broker = await openBroker({
    dataDir,
    host: values.host,
    port: Number(values.port),
    ...(advertisedHost === undefined ? {} : { advertisedHost }),
    log: { debug() {}, info: stamped('INFO'), warn: stamped('WARN'), error: stamped('ERROR') },
    properties: pairs(values.property),
    defaults: pairs(values['topic-default']),
  })
  // whoever reads the line below may ask for the end at once
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ask())
  console.log(`Isthmus broker listening on ${values.host}:${broker.port}`)
  await asked
}

function pairs(items: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    items.map((item) => {
      const at = item.indexOf('=')
      if (at < 1) throw new Error(`'${item}' is not name=value`)
      return [item.slice(0, at), item.slice(at + 1)]
    }),
  )
}

try {
  await main()
} catch (error) {
  console.error(`Cannot run the broker: ${messageOf(error)}`)
  process.exitCode = 1
}
