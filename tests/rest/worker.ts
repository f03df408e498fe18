import { openBroker } from '@isthmus/broker'
import { openStandalone, type StandaloneOptions } from '@isthmus/runtime'
import { openLog, openLogLevels, openRest, type RestOptions } from 'isthmus/testing'
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
  rest: Pick<RestOptions, 'env' | 'patienceMs'> = {},
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
  const api = await openRest({ ...rest, props: all, log, levels })
  stack.defer(() => api[Symbol.asyncDispose]())
  const worker = await openStandalone({ ...options, props: all, log, workerId: api.workerId })
  stack.use(worker)
  stack.defer(() => api[Symbol.asyncDispose]())
  api.serve(worker).ready()
  const owned = stack.move()
  return { url: api.url.slice(0, -1), dir, lines, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
