import type { ConfigInfos } from '@isthmus/rest-api'
import { ConnectError, type Props } from '@isthmus/sdk'
import { ownOffsetsTopic } from '../config/source.ts'
import type { Orders, WorkerFacts } from '../host/messages.ts'
import type { Instance } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { findConnector } from '../plugins/registry.ts'
import { decodeEntries, encodeEntries } from '../store/offsets/bytes.ts'
import type { OffsetStore } from '../store/stores.ts'

/** Asks plugins about themselves and about configs, in threads, with a limit of time. */
export interface Checks extends AsyncDisposable {
  /** `connector` is the one that is to start with the config at once, if there is any: it gets the thread. */
  validate(connector: string | null, props: { readonly [name: string]: string | null }): Promise<ConfigInfos>
  pluginConfig(plugin: PluginDescriptor): Promise<Orders['plugin-config']['answer']>
  alterOffsets(connector: string, config: Props, ask: Orders['alter-offsets']['ask']): Promise<boolean>
  /** The offsets of a connector that keeps them in a topic of its own; null for any other. */
  ownOffsets(connector: string, config: Props): Pick<OffsetStore, 'all' | 'write'> | null
}

/** A little less than a request waits, so that its answer says what it waited for. */
const CHECK_MS = 89_000
/** A thread that has answered nothing for this long, though it was asked, gets no further questions: those go to a new one. */
const SLOW_MS = 1000
/** A thread is kept this long for the next question: the code it has loaded is what a connector starts with. */
const LINGER_MS = 500
/** One that has nothing to do only has to hear of it. */
const IDLE_STOP_MS = 5000
/** Let go by force: code that has not answered in its time will not stop either. */
const STOP_MS = 100

interface Asker {
  readonly instance: Instance
  readonly failed: Promise<never>
  /** How many questions are open. */
  open: number
  /** When it was last asked with nothing open, or last answered. */
  sinceMs: number
  idle: NodeJS.Timeout | null
}

/** Where a question is asked: one thread for each key. */
interface Place {
  readonly key: string
  readonly connector: string
  readonly config: Props
  /** What a request waits for meanwhile, in Java's words. */
  readonly stage: string
  /** What it is told in the end, where that is something else. */
  readonly late?: string
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

  const askerOf = ({ key, connector, config: connectorConfig }: Place): Asker => {
    const known = askers.get(key)
    if (known !== undefined) return known
    const died = Promise.withResolvers<never>()
    died.promise.catch(() => {})
    const instance = instances.open(
      { kind: 'check', connector, connectorConfig, worker, target: 'STARTED' },
      {
        state: (_, { message }) => {
          if (askers.get(key) === asker) forget(key)
          died.reject(new ConnectError('plugin', message ?? 'The check failed'))
        },
        reconfigure() {},
        topicUsed() {},
      },
    )
    const asker: Asker = { instance, failed: died.promise, open: 0, sinceMs: 0, idle: null }
    askers.set(key, asker)
    return asker
  }
  const forget = (key: string) => {
    const asker = askers.get(key)
    if (asker?.idle) clearTimeout(asker.idle)
    askers.delete(key)
    return asker
  }
  const end = (key: string) => forget(key)?.instance.stop(IDLE_STOP_MS, true)

  const ask = async <N extends keyof Orders>(
    place: Place,
    what: N,
    question: Orders[N]['ask'],
  ): Promise<Orders[N]['answer']> => {
    const { key, stage } = place
    const asker = askerOf(place)
    if (asker.idle !== null) clearTimeout(asker.idle)
    const begun = Date.now()
    if (asker.open++ === 0) asker.sinceMs = begun
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      late.reject(
        new ConnectError(
          'timeout',
          place.late ??
            `Request timed out. The worker is currently ${stage}, which began at ${new Date(begun).toISOString()}.`,
        ),
      )
      if (askers.get(key) === asker) forget(key)
      void asker.instance.stop(STOP_MS)
    }, CHECK_MS)
    try {
      return await Promise.race([asker.instance.ask(what, question), asker.failed, late.promise])
    } finally {
      clearTimeout(timer)
      asker.sinceMs = Date.now()
      if (--asker.open === 0) {
        if (askers.get(key) !== asker) void asker.instance.stop(STOP_MS)
        else {
          asker.idle = setTimeout(() => void end(key), LINGER_MS)
          asker.idle.unref()
        }
      }
    }
  }
  /** The thread of a connector that is about to start, else one for all checks of a class. */
  const placeOf = (name: string | null, props: { readonly [name: string]: string | null }): Place => {
    const className = props['connector.class'] ?? ''
    const stage = `validating ${typeOf(className)}connector-specific properties for the connector`
    if (name !== null && !exists(name))
      return { key: `start ${name}`, connector: name, config: presentOf(props), stage }
    return forClass('check', className, stage)
  }
  const typeOf = (className: string): string => {
    try {
      return `${findConnector(worker.plugins, className).type} `
    } catch {
      return ''
    }
  }
  // a thread is opened with the limits that the connector sets
  const presentOf = (props: { readonly [name: string]: string | null }): Props =>
    Object.fromEntries(Object.entries(props).filter((entry): entry is [string, string] => entry[1] !== null))
  const places = new Map<string, string>()
  // who only reads what a plugin defines does not wait for one that judges a config
  const forClass = (use: 'check' | 'define', className: string, stage: string): Place => {
    const key = `${use} ${className}`
    const known = askers.get(key)
    if (known !== undefined && known.open > 0 && Date.now() - known.sinceMs > SLOW_MS) forget(key)
    // a new name for a new thread: the one before may still be hanging
    if (!askers.has(key)) places.set(key, `${use} ${++last} of ${className}`)
    return { key, connector: places.get(key) ?? key, config: {}, stage }
  }

  /** A thread knows the config that it was opened with. */
  const placeOfOffsets = (connector: string, config: Props, stage: string): Place => ({
    key: `offsets ${connector} ${JSON.stringify(config)}`,
    connector,
    config,
    stage,
  })

  return {
    validate: (name, props) => ask(placeOf(name, props), 'validate', { props }),
    pluginConfig: (plugin) =>
      ask(
        forClass('define', plugin.class, 'retrieving the configuration definition from the connector'),
        'plugin-config',
        plugin,
      ),
    alterOffsets: (connector, config, question) =>
      ask(
        {
          ...placeOfOffsets(connector, config, `modifying offsets for connector ${connector}`),
          late: `Timed out while calling the 'alterOffsets' method for ${question.type} connector ${connector}`,
        },
        'alter-offsets',
        question,
      ),
    ownOffsets(connector, config) {
      if (ownOffsetsTopic(config, worker.groupId) === null) return null
      const place = (stage: string) => placeOfOffsets(connector, config, stage)
      return {
        async all() {
          const entries = await ask(place(`reading offsets of connector ${connector}`), 'own-offsets', null)
          return decodeEntries(entries)
        },
        async write(_, entries) {
          const stage = `modifying offsets for connector ${connector}`
          await ask(place(stage), 'store-own-offsets', encodeEntries(entries))
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...askers.keys()].map(end))
    },
  }
}
