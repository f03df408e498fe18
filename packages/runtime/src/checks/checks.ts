import type { ConfigInfos } from '@isthmus/rest-api'
import { ConnectError, type Props } from '@isthmus/sdk'
import { ownOffsetsTopic } from '../config/source.ts'
import type { Orders, WorkerFacts } from '../host/messages.ts'
import type { Instances } from '../instances/instances.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { findConnector } from '../plugins/registry.ts'
import { decodeEntries, encodeEntries } from '../store/offsets/bytes.ts'
import type { OffsetStore } from '../store/stores.ts'
import { type CheckInstance, openCheckInstance } from './check-instance.ts'

/** Asks plugins about themselves and about configs, in hosts, with a limit of time. */
export interface Checks extends AsyncDisposable {
  /** `connector` is the one that is to start with the config at once, if there is any: it gets the host. */
  validate(connector: string | null, props: { readonly [name: string]: string | null }): Promise<ConfigInfos>
  pluginConfig(plugin: PluginDescriptor): Promise<Orders['plugin-config']['answer']>
  alterOffsets(connector: string, config: Props, ask: Orders['alter-offsets']['ask']): Promise<boolean>
  /** The offsets of a connector that keeps them in a topic of its own; null for any other. */
  ownOffsets(connector: string, config: Props): Pick<OffsetStore, 'all' | 'write'> | null
}

interface OpenCheck {
  readonly instance: CheckInstance
  readonly worker: WorkerFacts
}

type Texts = { readonly [name: string]: string | null }

/** What has answered nothing for this long, though it was asked, gets no further questions: those go to a new instance. */
const SLOW_MS = 1000

/** What a question is about: there is one instance for each key, which knows the config that it was opened with. */
interface Subject {
  readonly key: string
  /** The name it is opened under. */
  readonly connector: () => string
  readonly config: Props
}

/** What a request is told that has to wait too long. */
interface Waiting {
  /** What it waited for, in Java's words. */
  readonly stage: string
  /** All that it is told, where that is something else. */
  readonly late?: string
}

/**
 * Connectors that run never share a host with a check: one that hangs must not hold them up. An instance that has not answered in
 * time takes no more questions.
 */
export function openChecks(
  instances: Instances,
  facts: () => WorkerFacts,
  exists: (connector: string) => boolean,
): Checks {
  /** Those that take questions, by the keys of their subjects. */
  const open = new Map<string, OpenCheck>()
  let opened = 0

  const instanceOf = ({ key, connector, config }: Subject): CheckInstance => {
    const worker = facts()
    const known = open.get(key)
    // one that was opened before plugins were scanned again knows those of before
    if (known?.worker === worker) return known.instance
    known?.instance.retire()
    const spec = { kind: 'check', connector: connector(), connectorConfig: config, worker } as const
    const instance = openCheckInstance(instances, { ...spec, target: 'STARTED' }, () => open.delete(key))
    open.set(key, { instance, worker })
    return instance
  }
  const ask = <N extends keyof Orders>(
    subject: Subject,
    { stage, late }: Waiting,
    what: N,
    question: Orders[N]['ask'],
  ): Promise<Orders[N]['answer']> =>
    instanceOf(subject).ask(what, question, (begun) => {
      const since = `which began at ${new Date(begun).toISOString()}`
      return new ConnectError(
        'timeout',
        late ?? `Request timed out. The worker is currently ${stage}, ${since}.`,
      )
    })
  /** Who only reads what a plugin defines does not wait for one that judges a config. */
  const ofClass = (use: 'check' | 'define', className: string): Subject => {
    const key = `${use} ${className}`
    const known = open.get(key)
    if (known !== undefined && known.instance.silentMs() > SLOW_MS) known.instance.retire()
    // a new name for a new host: the one before may still be hanging
    return { key, connector: () => `${use} ${++opened} of ${className}`, config: {} }
  }
  const ofStart = (connector: string, props: Texts): Subject => ({
    key: `start ${connector}`,
    connector: () => connector,
    config: presentOf(props),
  })
  const ofOffsets = (connector: string, config: Props): Subject => ({
    key: `offsets ${connector} ${JSON.stringify(config)}`,
    connector: () => connector,
    config,
  })
  const typeOf = (className: string): string => {
    try {
      return `${findConnector(facts().plugins, className).type} `
    } catch {
      return ''
    }
  }

  return {
    validate(connector, props) {
      const className = props['connector.class'] ?? ''
      const stage = `validating ${typeOf(className)}connector-specific properties for the connector`
      const starts = connector !== null && !exists(connector)
      const subject = starts ? ofStart(connector, props) : ofClass('check', className)
      return ask(subject, { stage }, 'validate', { props })
    },
    pluginConfig: (plugin) =>
      ask(
        ofClass('define', plugin.class),
        { stage: 'retrieving the configuration definition from the connector' },
        'plugin-config',
        plugin,
      ),
    alterOffsets(connector, config, question) {
      const late = `Timed out while calling the 'alterOffsets' method for ${question.type} connector ${connector}`
      const waiting = { stage: modifyingOffsets(connector), late }
      return ask(ofOffsets(connector, config), waiting, 'alter-offsets', question)
    },
    ownOffsets(connector, config) {
      if (ownOffsetsTopic(config, facts().groupId) === null) return null
      const subject = ofOffsets(connector, config)
      return {
        async all() {
          const waiting = { stage: `reading offsets of connector ${connector}` }
          return decodeEntries(await ask(subject, waiting, 'own-offsets', null))
        },
        async write(_, entries) {
          const waiting = { stage: modifyingOffsets(connector) }
          await ask(subject, waiting, 'store-own-offsets', encodeEntries(entries))
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open.values()].map(({ instance }) => instance.close()))
    },
  }
}

const modifyingOffsets = (connector: string) => `modifying offsets for connector ${connector}`

const presentOf = (props: Texts): Props =>
  Object.fromEntries(Object.entries(props).filter((entry): entry is [string, string] => entry[1] !== null))
