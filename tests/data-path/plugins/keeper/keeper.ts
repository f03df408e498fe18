import { type ConnectorContext, type SourceTaskContext, sinkConnector, sourceConnector } from '@isthmus/sdk'

const config = {
  calls: { type: 'string', importance: 'high', doc: 'A JSON list: who calls, what, arguments.' },
} as const

type Call = readonly [who: 'connector' | 'task', method: 'groups', ...args: []]

/** Makes the calls of its config that are this one's, and logs what came of each. */
async function call(
  who: Call[0],
  { calls }: { readonly calls: string },
  { kafka, log, signal }: Pick<ConnectorContext | SourceTaskContext, 'kafka' | 'log' | 'signal'>,
): Promise<void> {
  signal.addEventListener('abort', () => log.warn(`${who} aborted`))
  for (const [caller, method, ...args] of JSON.parse(calls) as Call[]) {
    if (caller !== who) continue
    log.warn(`${who} calls ${method}`)
    try {
      const answer: unknown = await kafka[method](...args)
      log.warn(
        `${who} ${method}: ${JSON.stringify(answer instanceof Map ? Object.fromEntries(answer) : answer)}`,
      )
    } catch (error) {
      const { code, name, message } = error as Error & { code?: unknown }
      log.warn(`${who} ${method} refused, ${typeof code === 'string' ? code : name}: ${message}`)
    }
  }
}

const task = {
  async poll(signal: AbortSignal) {
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    return null
  },
  put() {},
  async [Symbol.asyncDispose]() {},
}

/** Carries no records: it keeps topics and offsets of groups. */
export const KeeperSource = sourceConnector({
  class: 'test.KeeperSource',
  version: '1',
  config,
  async connector(given, context) {
    await call('connector', given, context)
    return { taskConfigs: () => [given.raw] }
  },
  async task(given, context) {
    await call('task', given, context)
    return task
  },
})

/** The same under another name. */
export const FormerSource = { ...KeeperSource, class: 'former.WardenSourceConnector' }

export const KeeperSink = sinkConnector({
  class: 'test.KeeperSink',
  version: '1',
  config,
  async connector(given, context) {
    await call('connector', given, context)
    return { taskConfigs: () => [given.raw] }
  },
  async task(given, context) {
    await call('task', given, context)
    return task
  },
})
