import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from './child.ts'
import { freePorts } from './ports.ts'
import { writeProperties } from './properties-file.ts'

type Props = { readonly [name: string]: string }

export const connectStandaloneScript = fileURLToPath(
  new URL('../../bin/connect-standalone.sh', import.meta.url),
)

/** Our standalone worker as a user starts it. `dir` receives its property files and is its working directory. */
export async function isthmusStandalone(options: {
  readonly dir: string
  readonly worker: Props
  readonly connectors: readonly Props[]
  readonly env?: Props
}): Promise<Child> {
  const [rest = 0] = await freePorts(1)
  await mkdir(options.dir, { recursive: true })
  const worker = { listeners: `http://127.0.0.1:${rest}`, ...options.worker }
  const files = [await writeProperties(join(options.dir, 'isthmus-worker.properties'), worker)]
  for (const [index, props] of options.connectors.entries()) {
    files.push(await writeProperties(join(options.dir, `isthmus-c${index}.properties`), props))
  }
  return startChild(connectStandaloneScript, files, {
    cwd: options.dir,
    ...(options.env && { env: options.env }),
  })
}

export interface BrokerProcess extends AsyncDisposable {
  readonly bootstrapServers: string
  readonly pid: number
  /** SIGKILL, then the same port and data again. */
  kill(): Promise<void>
  start(): Promise<void>
}

const brokerMain = fileURLToPath(import.meta.resolve('@isthmus/broker/main'))

/** The embedded broker as a process of its own, for tests that kill it. `properties` as Kafka names them. */
export async function openBrokerProcess(dataDir: string, properties: Props = {}): Promise<BrokerProcess> {
  const [port = 0] = await freePorts(1)
  const more = Object.entries(properties).flatMap(([name, value]) => ['--property', `${name}=${value}`])
  let child: Child
  const start = async (): Promise<void> => {
    child = startChild(process.execPath, [brokerMain, '--data-dir', dataDir, '--port', String(port), ...more])
    await child.printed('listening on')
  }
  const kill = async (): Promise<void> => {
    await child[Symbol.asyncDispose]()
  }
  await start()
  return {
    bootstrapServers: `127.0.0.1:${port}`,
    get pid() {
      return child.pid
    },
    kill,
    start,
    [Symbol.asyncDispose]: kill,
  }
}
