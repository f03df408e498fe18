import { fileURLToPath } from 'node:url'
import { openBroker } from '@isthmus/broker'
import { type Client, openClient } from '@isthmus/client'
import { type Admin, type Cluster, openAdmin, openCluster } from '@isthmus/kafka'
import { readTopics, writeTopics } from '../conformance/pipelines/topics.ts'
import { eventually } from '../process/eventually.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { openRestWorker } from '../rest/worker.ts'

type Props = { readonly [name: string]: string }
export type Config = { readonly [name: string]: string }

/** A worker with the scripted plugins, and a client of its broker. */
export interface ScriptWorker extends AsyncDisposable {
  readonly client: Client
  readonly cluster: Cluster
  readonly admin: Admin
  readonly lines: readonly string[]
  read(topic: string): ReturnType<typeof readTopics>
  write: (topic: string, records: Parameters<typeof writeTopics>[1][number]['records']) => Promise<void>
  /** Resolves with the states once the only task has the state. */
  task(name: string, state: string): Promise<string>
}

/** The brokers to test on: ours, and Apache Kafka where there is one. */
export const brokers = [
  { name: 'the embedded broker', servers: null },
  ...(process.env['ISTHMUS_KAFKA'] === undefined
    ? []
    : [{ name: 'Apache Kafka', servers: process.env['ISTHMUS_KAFKA'] }]),
]

export async function openScriptWorker(servers: string | null, props: Props = {}): Promise<ScriptWorker> {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const bootstrapServers =
    servers ?? stack.use(await openBroker({ dataDir: dir.at('broker') })).bootstrapServers
  const worker = stack.use(
    await openRestWorker({
      'bootstrap.servers': bootstrapServers,
      'plugin.path': fileURLToPath(new URL('plugins', import.meta.url)),
      ...props,
    }),
  )
  const cluster = stack.use(openCluster({ 'bootstrap.servers': bootstrapServers }))
  const client = openClient({ url: worker.url })
  const owned = stack.move()
  return {
    client,
    cluster,
    admin: openAdmin(cluster),
    lines: worker.lines,
    read: (topic) => readTopics(cluster, (name) => name === topic, Date.now() - 60_000),
    write: (name, records) => writeTopics(cluster, [{ name, records }]),
    async task(name, state) {
      return eventually(`the task of ${name} is ${state}`, async () => {
        const [task] = (await client.status(name)).tasks
        return task?.state === state && (task.trace ?? task.state)
      })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** A script source's config. */
export const script = (records: readonly object[], more: Config = {}): Config => ({
  'connector.class': 'test.ScriptSource',
  records: JSON.stringify(records),
  ...more,
})
