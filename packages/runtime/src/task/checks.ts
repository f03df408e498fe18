import { ConnectError, type Props } from '@isthmus/sdk'
import type { ConfigInfos } from '../config/config-infos.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import type { Instance, Instances } from './instances.ts'
import type { Orders, WorkerFacts } from './messages.ts'

/** Asks plugins about themselves and about configs, in threads, with a limit of time. */
export interface Checks extends AsyncDisposable {
  /** `connector` is the one that is to start with the config at once, if there is any: it gets the thread. */
  validate(connector: string | null, props: { readonly [name: string]: string | null }): Promise<ConfigInfos>
  pluginConfig(plugin: PluginDescriptor): Promise<Orders['plugin-config']['answer']>
  alterOffsets(connector: string, config: Props, ask: Orders['alter-offsets']['ask']): Promise<boolean>
}

/** As long as Java waits for anything in a request. */
const CHECK_MS = 90_000
/** A thread is kept this long for the next question: the code it has loaded is what a connector starts with. */
const LINGER_MS = 500
/** Let go by force: code that has not answered in its time will not stop either. */
const STOP_MS = 100

interface Asker {
  readonly instance: Instance
  readonly failed: Promise<never>
  /** How many questions are open. */
  open: number
  idle: NodeJS.Timeout | null
}

/**
 * Connectors that run never share a thread with a check: one that hangs must not hold them up. A thread that has not answered in
 * time takes no more questions.
 */
export function openChecks(
  instances: Instances,
  worker: WorkerFacts,
  exists: (connector: string) => boolean,
): Checks {
  const askers = new Map<string, Asker>()
  let last = 0

  const askerOf = (key: string, connector: string, connectorConfig: Props): Asker => {
    const known = askers.get(key)
    if (known !== undefined) return known
    const died = Promise.withResolvers<never>()
    died.promise.catch(() => {})
    const instance = instances.open(
      { kind: 'check', connector, connectorConfig, worker, target: 'STARTED' },
      {
        state: (_, { message }) => {
          forget(key)
          died.reject(new ConnectError('plugin', message ?? 'The check failed'))
        },
        reconfigure() {},
        topicUsed() {},
      },
    )
    const asker = { instance, failed: died.promise, open: 0, idle: null }
    askers.set(key, asker)
    return asker
  }
  const forget = (key: string) => {
    const asker = askers.get(key)
    if (asker?.idle) clearTimeout(asker.idle)
    askers.delete(key)
    return asker
  }
  const end = (key: string) => forget(key)?.instance.stop(STOP_MS)

  const ask = async <N extends keyof Orders>(
    { key, connector, config }: { key: string; connector: string; config: Props },
    what: N,
    question: Orders[N]['ask'],
  ): Promise<Orders[N]['answer']> => {
    const asker = askerOf(key, connector, config)
    if (asker.idle !== null) clearTimeout(asker.idle)
    asker.open++
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      late.reject(
        new ConnectError('timeout', `Request timed out. The plugin did not answer '${what}' in time`),
      )
      if (askers.get(key) === asker) void end(key)
    }, CHECK_MS)
    try {
      return await Promise.race([asker.instance.ask(what, question), asker.failed, late.promise])
    } finally {
      clearTimeout(timer)
      if (--asker.open === 0 && askers.get(key) === asker) {
        asker.idle = setTimeout(() => void end(key), LINGER_MS)
        asker.idle.unref()
      }
    }
  }
  /** The thread of a connector that is about to start, else one for all checks of a class. */
  const placeOf = (name: string | null, props: { readonly [name: string]: string | null }) => {
    if (name !== null && !exists(name))
      return { key: `start ${name}`, connector: name, config: presentOf(props) }
    return forClass((props['connector.class'] ?? '').trim())
  }
  // a thread is opened with the limits that the connector sets
  const presentOf = (props: { readonly [name: string]: string | null }): Props =>
    Object.fromEntries(Object.entries(props).filter((entry): entry is [string, string] => entry[1] !== null))
  const places = new Map<string, string>()
  const forClass = (className: string) => {
    const key = `check ${className}`
    // a new name for a new thread: the one before may still be hanging
    if (!askers.has(key)) places.set(key, `check ${++last} of ${className}`)
    return { key, connector: places.get(key) ?? key, config: {} }
  }

  return {
    validate: (name, props) => ask(placeOf(name, props), 'validate', { props }),
    pluginConfig: (plugin) => ask(forClass(plugin.class), 'plugin-config', plugin),
    alterOffsets: (connector, config, question) =>
      ask({ key: `offsets ${connector}`, connector, config }, 'alter-offsets', question),
    async [Symbol.asyncDispose]() {
      await Promise.all([...askers.keys()].map(end))
    },
  }
}
