import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openBroker } from '@isthmus/broker'
import { type Client, openClient } from '@isthmus/client'
import type { Props } from '@isthmus/sdk'
import { openOutput, withLastLines } from './output.ts'
import { startWorker, type WorkerProcess } from './process.ts'
import type { TopicRecord } from './topics.ts'
import type { TestWorker, Within, WorkerOptions } from './worker.ts'

const WITHIN_MS = 30_000
const ASK_FIRST_MS = 5
const ASK_SELDOM_MS = 50
/** How much of the records that came is shown when others did not. */
const SHOWN = 2000

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

export async function openTestWorker(options: WorkerOptions): Promise<TestWorker> {
  const longest = options.withinMs ?? WITHIN_MS
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-testkit-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const broker = stack.use(
    await openBroker({
      dataDir: join(folder, 'broker'),
      // a sink is alone in its group: it need not wait for others
      properties: { 'group.initial.rebalance.delay.ms': '0' },
    }),
  )
  const props = workerProps(options, broker.bootstrapServers, folder)
  const own = join(folder, 'worker')
  await mkdir(own)
  const file = await writeProperties(join(own, 'worker.properties'), props)
  const output = openOutput()
  const connectors = new Map<string, { readonly config: Props; readonly ran: boolean }>()

  const start = async (): Promise<{ readonly process: WorkerProcess; readonly client: Client }> => {
    const process = await startWorker({
      folder,
      file,
      output,
      env: options.env ?? {},
      withinMs: longest,
    })
    return { process, client: openClient({ url: process.url }) }
  }
  // the client of the test is loaded while the worker starts
  const [{ openTopics }, first] = await Promise.all([import('./topics.ts'), start()])
  let worker = first
  stack.defer(() => worker.process[Symbol.asyncDispose]())
  const topics = stack.use(openTopics(broker.bootstrapServers, options.converters ?? []))

  const until: TestWorker['until'] = async (what, ask, { withinMs = longest } = {}) => {
    const deadline = performance.now() + withinMs
    for (let pause = ASK_FIRST_MS; ; pause = Math.min(2 * pause, ASK_SELDOM_MS)) {
      const answer = await ask()
      if (answer !== null && answer !== undefined && answer !== false) return answer
      if (performance.now() > deadline)
        throw new Error(withLastLines(`${withinMs} ms went by before ${what}`, output.text()))
      await wait(pause)
    }
  }

  async function connect(name: string, config: Props, within: Within = {}): Promise<void> {
    await worker.client.put(name, { ...config })
    connectors.set(name, { config, ran: false })
    await until(
      `connector ${name} and its tasks ran`,
      async () => {
        const states = await statesOf(worker.client, name)
        const failed = states.find(({ state }) => state === 'FAILED')
        if (failed !== undefined) throw new Error(`The ${failed.what} of ${name} failed: ${failed.trace}`)
        return states.length > 1 && states.every(({ state }) => state === 'RUNNING')
      },
      within,
    )
    connectors.set(name, { config, ran: true })
  }

  const end = async (signal: NodeJS.Signals): Promise<number | string> => {
    const { process } = worker
    process.kill(signal)
    const limit = setTimeout(() => process.kill('SIGKILL'), longest)
    const how = await process.ended
    clearTimeout(limit)
    return how
  }

  const owned = stack.move()
  return {
    bootstrapServers: broker.bootstrapServers,
    get client() {
      return worker.client
    },
    get pid() {
      return worker.process.pid
    },
    get log() {
      return output.text()
    },
    connect,
    until,
    failure: (name, within) =>
      until(
        `connector ${name} or a task of it failed`,
        async () => {
          const failed = (await statesOf(worker.client, name)).find(({ state }) => state === 'FAILED')
          return failed === undefined ? null : failed.trace
        },
        within,
      ),
    async records(topic, { count, until: enough, converters = {}, withinMs = longest } = {}) {
      const conversion = { ...props, ...converters }
      const signal = AbortSignal.timeout(withinMs)
      const found: TopicRecord[] = []
      const what =
        enough !== undefined
          ? `the records of topic ${topic} were those that are waited for`
          : `topic ${topic} had ${count === undefined ? 'been read' : `${count} records`}`
      const isEnough = (): boolean => (enough === undefined ? found.length >= (count ?? 0) : enough(found))
      try {
        if (count === undefined && enough === undefined)
          found.push(...(await topics.all(topic, conversion, signal)))
        else if (!isEnough())
          await topics.read(
            topic,
            conversion,
            (batch) => {
              for (const record of batch) {
                found.push(record)
                if (isEnough()) return true
              }
              return false
            },
            signal,
          )
      } catch (error) {
        if (!signal.aborted) throw error
      }
      if (signal.aborted)
        throw new Error(
          withLastLines(
            `${withinMs} ms went by before ${what}; ${found.length} came: ${shown(found)}`,
            output.text(),
          ),
        )
      return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
    },
    produce: (topic, records, { converters = {} } = {}) =>
      topics.produce(topic, records, { ...props, ...converters }),
    createTopic: (topic) => topics.create(topic),
    offsets: (name) => worker.client.offsets(name),
    async logged(what, { withinMs = longest } = {}) {
      const has = (text: string): boolean =>
        typeof what === 'string' ? text.includes(what) : what.test(text)
      await output.until(`it had printed ${what}`, withinMs, (text) => has(text) || null)
    },
    async kill() {
      await end('SIGKILL')
    },
    stop: () => end('SIGTERM'),
    async restart(within) {
      await end('SIGTERM')
      worker = await start()
      for (const [name, { config, ran }] of connectors)
        if (ran) await connect(name, config, within)
        else await worker.client.put(name, { ...config })
    },
    pauseBroker: () => broker.freeze(),
    resumeBroker: () => broker.thaw(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function workerProps(
  { plugins = [], props = {} }: WorkerOptions,
  bootstrapServers: string,
  folder: string,
): Props {
  const json = (role: string): Props =>
    props[`${role}.converter`] === undefined
      ? { [`${role}.converter`]: JSON_CONVERTER, [`${role}.converter.schemas.enable`]: 'false' }
      : {}
  return {
    'bootstrap.servers': bootstrapServers,
    listeners: 'http://127.0.0.1:0',
    ...json('key'),
    ...json('value'),
    'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    'offset.storage.file.filename': join(folder, 'offsets'),
    'offset.flush.interval.ms': '100',
    'consumer.metadata.max.age.ms': '500',
    ...(plugins.length > 0 && {
      'plugin.path': plugins.map((one) => (one instanceof URL ? fileURLToPath(one) : one)).join(','),
    }),
    ...props,
  }
}

/** The connector first, then its tasks; none while the worker does not know of it. */
async function statesOf(client: Client, name: string) {
  const { connector, tasks } = await client.status(name)
  return [
    { what: 'connector', ...connector },
    ...tasks.map((task) => ({ what: `task ${task.id}`, ...task })),
  ].map(({ what, state, trace }) => ({ what, state, trace: trace ?? '' }))
}

const shown = (records: readonly TopicRecord[]): string =>
  JSON.stringify(
    records.map(({ key, value }) => ({ key, value })),
    (_, value) => (typeof value === 'bigint' ? `${value}` : value),
  ).slice(0, SHOWN)

async function writeProperties(path: string, props: Props): Promise<string> {
  const escaped = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replace(/^ /, '\\ ')
  const nameOf = (name: string) => name.replace(/[ =:]/g, '\\$&')
  await writeFile(
    path,
    Object.entries(props)
      .map(([name, value]) => `${nameOf(name)}=${escaped(value)}\n`)
      .join(''),
  )
  return path
}
