import {
  ConnectError,
  type Props,
  type SinkPlugin,
  type SourceConnector,
  type SourceConnectorContext,
  type SourcePlugin,
} from '@isthmus/sdk'
import { enrichedDef } from '../checks/enriched.ts'
import { logConnectorConfig } from '../config/config-log.ts'
import { parseConnector } from '../config/connector.ts'
import { parseSink } from '../config/sink.ts'
import { topicTemplates } from '../config/topic-creation.ts'
import type { Resolved } from '../config/variables.ts'
import type { HostPort } from '../host/inside/host-port.ts'
import type { ConnectorSpec } from '../host/messages.ts'
import { contextOf } from '../log/log.ts'
import { openedBy } from '../plugins/faults.ts'
import { loadPlugin } from '../plugins/load.ts'
import { connectorPlugin } from '../plugins/version.ts'
import { resolveProps } from '../secrets/resolve.ts'
import { hidePasswords, parsePluginConfig } from '../secrets/secrets.ts'
import { reloads, watchVariables } from '../secrets/watch-variables.ts'
import { openLoan } from '../task/kafka-admin.ts'
import { sourceOffsetsOnDemand } from '../task/source/offsets.ts'

export const CONNECTOR_LOGGER = 'org.apache.kafka.connect.runtime.WorkerConnector'

/** A connector whose code has started; closing stops it, and releases what it was lent. */
export interface StartedConnector {
  readonly connector: SourceConnector
  readonly plugin: SourcePlugin | SinkPlugin
  readonly props: Props
  /** The values of its variables. */
  readonly found: ReadonlyMap<string, string>
  close(): Promise<void>
}

/** A connector's config with the values of its variables, and whoever looks whether they stay so. */
export interface WatchedConfig extends Resolved {
  /** Of every start, also of one that fails then: a password that was wrong may be right later. */
  readonly watch: Disposable | null
}

export async function resolveConfig(spec: ConnectorSpec, hostPort: HostPort): Promise<WatchedConfig> {
  const { worker, connectorConfig } = spec
  const resolve = () => resolveProps(connectorConfig, worker.props, worker.plugins)
  const resolved = await resolve()
  const log = hostPort.logger(CONNECTOR_LOGGER, contextOf(spec))
  const watch = reloads(resolved.props) ? watchVariables(resolved, resolve, hostPort.reload, log) : null
  return { ...resolved, watch }
}

/** `raiseError` is for what goes wrong later, and may be called before this settles. `cancelled`: its stop has taken too long. */
export async function startConnector(
  spec: ConnectorSpec,
  { props, found }: Resolved,
  hostPort: HostPort,
  raiseError: (error: unknown) => void,
  cancelled: AbortSignal,
): Promise<StartedConnector> {
  const { worker, connector: name } = spec
  parseConnector(props)
  const descriptor = connectorPlugin(worker.plugins, props)
  hostPort.version(descriptor.version)
  const plugin = (await loadPlugin(descriptor)) as SourcePlugin | SinkPlugin
  // a connector sees the passwords of its transforms too; those that cannot be had are the tasks' matter
  await enrichedDef(descriptor, props, worker.props, worker.plugins).then(
    (def) => {
      hidePasswords(def, props)
      const title = plugin.type === 'sink' ? 'SinkConnectorConfig' : 'SourceConnectorConfig'
      const told = hostPort.logger(`org.apache.kafka.connect.runtime.${title}`, contextOf(spec))
      logConnectorConfig(title, { ...def, ...plugin.config }, spec.connectorConfig, told)
    },
    () => {},
  )
  if (plugin.type === 'sink') parseSink(props)
  else
    topicTemplates(
      props,
      (props['topic.creation.groups'] ?? '')
        .split(',')
        .map((group) => group.trim())
        .filter(Boolean),
    )
  let open = true
  await using stack = new AsyncDisposableStack()
  const offsets = stack.use(sourceOffsetsOnDemand({ spec, connectorProps: props, hostPort }))
  const context: SourceConnectorContext = {
    connector: name,
    ...openLoan({ spec, connectorProps: props, hostPort }, cancelled, stack),
    log: hostPort.logger(plugin.class, contextOf(spec)),
    requestTaskReconfiguration() {
      if (!open) throw closedError('task reconfiguration', name)
      hostPort.reconfigure()
    },
    raiseError(error) {
      if (!open) throw closedError('to fail the connector', name)
      raiseError(error)
    },
    offsets: (partitions) => offsets.read(name, partitions),
  }
  const config = parsePluginConfig(plugin.config, props) as never
  const connector = await openedBy(
    `The connector of ${plugin.class}`,
    () => plugin.connector(config, context),
    ['taskConfigs'],
  )
  const owned = stack.move()
  return {
    connector,
    plugin,
    props,
    found,
    async close() {
      open = false
      try {
        await connector[Symbol.asyncDispose]?.()
      } finally {
        await owned.disposeAsync()
      }
    },
  }
}

const closedError = (what: string, name: string) =>
  new ConnectError(
    'state',
    `The request ${what === 'task reconfiguration' ? `for ${what}` : what} has been rejected because this instance of the connector '${name}' has already been shut down.`,
  )
