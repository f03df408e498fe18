import { openBroker } from '../../packages/broker/src/index.ts'
import { openLog } from '../../packages/isthmus/src/log.ts'
import { openLogLevels } from '../../packages/isthmus/src/log-levels.ts'
import { openRest } from '../../packages/isthmus/src/rest/open-rest.ts'
import { openStandalone, type StandaloneOptions } from '../../packages/runtime/src/index.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'

export interface RestWorker extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string
  readonly dir: TempDir
  /** What was logged. */
  readonly lines: readonly string[]
}

/** A standalone worker in this process that serves REST on a free port; with a broker of its own unless one is named. */
export async function openRestWorker(
  props: { readonly [name: string]: string } = {},
  options: Omit<StandaloneOptions, 'props'> = {},
  env: NodeJS.ProcessEnv = {},
): Promise<RestWorker> {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const bootstrapServers =
    props['bootstrap.servers'] ?? stack.use(await openBroker({ dataDir: dir.at('broker') })).bootstrapServers
  const lines: string[] = []
  const levels = openLogLevels({ root: 'warn' })
  const log = openLog({ format: 'text', levels, write: (line) => lines.push(line) })
  const all = {
    listeners: 'http://127.0.0.1:0',
    'bootstrap.servers': bootstrapServers,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.file.filename': dir.at('offsets'),
    'offset.flush.interval.ms': '200',
    ...props,
  }
  const rest = await openRest({ props: all, log, levels, env })
  stack.defer(() => rest[Symbol.asyncDispose]())
  const worker = await openStandalone({ ...options, props: all, log, workerId: rest.workerId })
  stack.use(worker)
  stack.defer(() => rest[Symbol.asyncDispose]())
  rest.serve(worker)
  rest.ready()
  const owned = stack.move()
  return { url: rest.url.slice(0, -1), dir, lines, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
