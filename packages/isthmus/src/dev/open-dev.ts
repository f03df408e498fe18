import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Log } from '@isthmus/runtime'
import { openStandalone, type Standalone } from '@isthmus/runtime'
import { ConnectError, type Props } from '@isthmus/sdk'
import { readWorkerProps, whyUnread } from '../commands/named-files.ts'
import { brokerLogOf } from '../log/broker-log.ts'
import { openLogLevels } from '../log/levels.ts'
import { openBrokerOnSomePort, openRestOnSomePort } from '../quickstart/some-port.ts'
import { openRest } from '../rest/open-rest.ts'
import { CONFIG_FOLDERS } from './config-files.ts'

/** A worker with the plugins of a folder, and a broker of its own unless one is named. */
export interface DevWorker extends AsyncDisposable {
  readonly worker: Standalone
  /** Of the worker, and for clients of its Kafka. */
  readonly props: Props
  /** Without a slash at its end. */
  readonly restUrl: string
}

export interface DevOptions {
  readonly folder: string
  /** Another Kafka than the embedded one. */
  readonly bootstrapServers: string | undefined
  readonly log: Log
  readonly stop: AbortSignal
}

/** In the folder: what is to survive an end. */
const DATA = '.isthmus'
const WORKER_FILE = 'worker.properties'

export const dataFolder = (folder: string): string => join(folder, DATA)

export async function openDev({ folder, bootstrapServers, log, stop }: DevOptions): Promise<DevWorker> {
  const data = dataFolder(folder)
  await mkdir(data, { recursive: true })
  // it is no part of what the author keeps
  await writeFile(join(data, '.gitignore'), '*\n')
  await using stack = new AsyncDisposableStack()
  const own = await ownProps(folder, stop)
  const servers = bootstrapServers ?? own['bootstrap.servers'] ?? (await openOwnBroker(stack, data, log))
  // everything is handed on, and the author's screen chooses
  const levels = openLogLevels({ root: 'info' })
  const rest = stack.use(
    await openRestOnSomePort((listeners) => openRest({ props: { listeners, ...own }, log, levels })),
  )
  const props = {
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    'offset.flush.interval.ms': '1000',
    ...own,
    'bootstrap.servers': servers,
    'offset.storage.file.filename': join(data, 'offsets'),
    'plugin.path': [folder, ...(own['plugin.path'] === undefined ? [] : [own['plugin.path']])].join(','),
  }
  const worker = stack.use(
    await openStandalone({ props, log, levels, workerId: rest.workerId, signal: stop }),
  )
  rest.serve(worker).ready()
  const owned = stack.move()
  return {
    worker,
    props,
    restUrl: rest.url.slice(0, -1),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function openOwnBroker(stack: AsyncDisposableStack, data: string, log: Log): Promise<string> {
  const broker = await openBrokerOnSomePort({
    dataDir: join(data, 'broker'),
    properties: { 'group.initial.rebalance.delay.ms': '0' },
    log: brokerLogOf(log),
  })
  return stack.use(broker).bootstrapServers
}

/** Properties of the worker that the author has given in the folder; none without the file. */
async function ownProps(folder: string, stop: AbortSignal): Promise<Props> {
  for (const inside of CONFIG_FOLDERS) {
    const path = resolve(folder, inside, WORKER_FILE)
    if (await stat(path).catch(() => null)) return await readWorkerProps(path, process.env, stop)
  }
  return {}
}

export async function forgetData(folder: string): Promise<void> {
  await rm(dataFolder(folder), { recursive: true, force: true })
}

/** Throws where a folder cannot be worked in. */
export async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    throw new ConnectError('config', `The folder ${folder} cannot be used: ${whyUnread(error)}`)
  })
  if (!found.isDirectory())
    throw new ConnectError('config', `${folder} is no folder: name the one that the plugin is in.`)
}
