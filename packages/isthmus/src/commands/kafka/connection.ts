import { readFile } from 'node:fs/promises'
import {
  type Admin,
  type ClientProps,
  type Cluster,
  KafkaError,
  openAdmin,
  openCluster,
} from '@isthmus/kafka'
import { ConnectError } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { explain, told } from '../explain.ts'
import { whyUnread } from '../named-files.ts'
import { stopSignal } from '../stop.ts'

/** Options of every command that talks to Kafka. */
export const CONNECTION = {
  'bootstrap-server': { type: 'string' },
  'command-config': { type: 'string' },
} as const

/** What help says of them, and of those that every command has. */
export const CONNECTION_HELP = `  --bootstrap-server HOST:PORT,…  where Kafka is; localhost:9092 unless given
  --command-config FILE           properties of the client: security.protocol, sasl.*, ssl.*, and any other
  -h, --help                      this
  --version                       which version this is`

export const EXIT_CODES = `Exit codes: 0 done, or stopped by a signal; 1 a mistake in the command line, or it failed; 2 Kafka cannot be
reached, or a file of properties cannot be used; 130 stopped at once by a second signal.`

/** How long Kafka may take over a request before a person is told. */
const PATIENCE_MS = '20000'
const CONTACT_MS = 10_000
const CANNOT_START = 2

/** What a command works with, while it runs. */
export interface Kafka {
  readonly cluster: Cluster
  readonly admin: Admin
  readonly props: ClientProps
  /** Aborted by a signal that asks for the end. */
  readonly stop: AbortSignal
}

interface Given {
  readonly 'bootstrap-server'?: string | undefined
  readonly 'command-config'?: string | undefined
}

/** Runs `work` with Kafka as the options name it. Resolves to the exit code; what goes wrong has been said, in one line. */
export async function withKafka(given: Given, work: (kafka: Kafka) => Promise<number>): Promise<number> {
  const stop = stopSignal()
  let cluster: Cluster | null = null
  try {
    const props = await propsOf(given)
    cluster = openCluster(props)
    await contact(cluster, props, stop)
    await using _ = cluster
    return await work({ cluster, admin: openAdmin(cluster), props, stop }).catch((error: unknown) => {
      if (stop.aborted) return 0
      process.stderr.write(`${told(error)}\n`)
      return 1
    })
  } catch (error) {
    await cluster?.[Symbol.asyncDispose]()
    if (stop.aborted) return 0
    process.stderr.write(`${told(error)}\n`)
    return CANNOT_START
  }
}

async function propsOf(given: Given): Promise<ClientProps> {
  const path = given['command-config']
  const file = path === undefined ? {} : parseProperties(await readConfig(path))
  const servers = given['bootstrap-server'] ?? file['bootstrap.servers'] ?? 'localhost:9092'
  return {
    'client.id': 'isthmus',
    'default.api.timeout.ms': PATIENCE_MS,
    ...file,
    'bootstrap.servers': servers,
  }
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    throw new ConnectError('config', `--command-config ${path} cannot be read: ${whyUnread(error)}`)
  }
}

/** Wrong addresses and credentials show here. A person is told at once, where a worker would wait. */
async function contact(cluster: Cluster, props: ClientProps, stop: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(CONTACT_MS)
  try {
    await cluster.nodes(AbortSignal.any([stop, limit]))
  } catch (cause) {
    const why = limit.aborted ? `nothing answers within ${CONTACT_MS / 1000} s` : explain(cause)
    const hint =
      (cause as KafkaError).kafka === 'DISCONNECTED' ? ' Does it run? --bootstrap-server names another.' : ''
    throw new KafkaError(
      'DISCONNECTED',
      `Kafka at ${props['bootstrap.servers']} cannot be reached: ${why}.${hint}`,
    )
  }
}
