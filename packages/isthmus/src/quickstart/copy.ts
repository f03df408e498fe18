import { createWriteStream } from 'node:fs'
import { openAdmin, openCluster } from '@isthmus/kafka'
import { type Log, openStandalone } from '@isthmus/runtime'
import { brokerLogOf } from '../log/broker-log.ts'
import { openLogLevels } from '../log/levels.ts'
import { openLog } from '../log/log.ts'
import { openRest } from '../rest/open-rest.ts'
import { openBrokerOnSomePort, openRestOnSomePort } from './some-port.ts'

export interface Copy extends AsyncDisposable {
  readonly bootstrapServers: string
  /** Of the REST API, without a slash at its end. */
  readonly restUrl: string
  /** Throws, with the first line of its trace, when a connector or task has failed. */
  rethrow(): void
}

const TOPIC = 'quickstart'

/** An embedded broker and a standalone worker that copies one file into the other, all in this process, with its data in `dir`. */
export async function openCopy(dir: string, input: string, output: string): Promise<Copy> {
  await using stack = new AsyncDisposableStack()
  const logFile = createWriteStream(`${dir}/quickstart.log`, { flags: 'a' })
  stack.defer(() => new Promise<void>((resolve) => logFile.end(() => resolve())))
  const levels = openLogLevels({ root: 'info' })
  const log = openLog({ format: 'text', levels, write: (line) => void logFile.write(line) })
  const broker = stack.use(
    await openBrokerOnSomePort({ dataDir: `${dir}/broker`, log: brokerLogOf(alsoSaid(log)) }),
  )
  await createTopic(broker.bootstrapServers)
  const rest = await openRestOnSomePort((listeners) => openRest({ props: { listeners }, log, levels }))
  stack.use(rest)
  const worker = stack.use(
    await openStandalone({
      workerId: rest.workerId,
      props: {
        'bootstrap.servers': broker.bootstrapServers,
        'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
        'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
        'offset.storage.file.filename': `${dir}/offsets`,
        'offset.flush.interval.ms': '1000',
      },
      log,
      levels,
    }),
  )
  rest.serve(worker).ready()
  const source = {
    name: 'quickstart-source',
    'connector.class': 'FileStreamSource',
    file: input,
    topic: TOPIC,
  }
  const sink = { name: 'quickstart-sink', 'connector.class': 'FileStreamSink', file: output, topics: TOPIC }
  for (const config of [source, sink]) await worker.herder.put(config.name, config)
  const owned = stack.move()
  return {
    bootstrapServers: broker.bootstrapServers,
    restUrl: rest.url.slice(0, -1),
    rethrow() {
      for (const { name } of [source, sink]) {
        const { connector, tasks } = worker.herder.status(name)
        for (const instance of [connector, ...tasks]) {
          if (instance.state === 'FAILED')
            throw new Error(`${name} failed: ${instance.trace?.split('\n')[0]}`)
        }
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** What is wrong with the broker's data is not left for a file that nobody reads. */
const alsoSaid =
  (log: Log): Log =>
  (entry) => {
    log(entry)
    if (entry.level === 'warn' || entry.level === 'error') process.stderr.write(`${entry.message}\n`)
  }

/** Without it the first start waits: a sink looks only every second for a topic that is not there. */
async function createTopic(bootstrapServers: string): Promise<void> {
  await using cluster = openCluster({ 'bootstrap.servers': bootstrapServers })
  await openAdmin(cluster).createTopics([{ name: TOPIC, partitions: 1, replicationFactor: 1 }])
}
