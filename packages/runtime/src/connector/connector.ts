import {
  ConnectError,
  type Props,
  type SinkPlugin,
  type SourceConnector,
  type SourceConnectorContext,
  type SourcePlugin,
} from '@isthmus/sdk'
import { enrichedDef } from '../checks/enriched.ts'
import { parseConnector, parseSink } from '../config/connector.ts'
import { tellConnectorConfig } from '../config/told.ts'
import { topicTemplates } from '../config/topic-creation.ts'
import { withVariables } from '../config/variables.ts'
import { parseTaskConfigs } from '../host/from-host.ts'
import type { HostPort } from '../host/inside/host-port.ts'
import type { ConnectorSpec, Orders } from '../host/messages.ts'
import { contextOf } from '../log/log.ts'
import { taskClassOf } from '../plugins/descriptor.ts'
import { working } from '../plugins/faults.ts'
import { loadPlugin } from '../plugins/load.ts'
import { connectorPlugin, connectorVersion } from '../plugins/version.ts'
import { resolveProps } from '../secrets/resolve.ts'
import { hidePasswords, parsePluginConfig } from '../secrets/secrets.ts'
import { reloads, watchVariables } from '../secrets/watch-variables.ts'
import type { TargetState } from '../state/status.ts'
import { sourceOffsetsOnDemand } from '../task/source/offsets.ts'
import { thrownError } from '../text/trace.ts'

/** A connector instance: started, paused or stopped as its target says, and asked for task configs while started. */
export interface ConnectorInstance {
  retarget(state: TargetState): void
  taskConfigs(order: Orders['task-configs']['ask']): Promise<readonly Props[]>
  /** Stops the connector and releases everything; settles when that is done. */
  close(): Promise<void>
}

const LOGGER = 'org.apache.kafka.connect.runtime.WorkerConnector'

/** Transitions run one after the other; the last target wins. */
export function openConnector(spec: ConnectorSpec, hostPort: HostPort): ConnectorInstance {
  const log = hostPort.logger(LOGGER, contextOf(spec))
  let target = spec.target
  let closing = false
  let failed = false
  let reached: TargetState | null = null
  let started: StartedConnector | null = null
  /** Of every start, also of one that failed: a password that was wrong may be right by then. */
  let variables: Disposable | null = null
  let work: Promise<void> = Promise.resolve()
  hostPort.version(connectorVersion(spec.worker.plugins, spec.connectorConfig))

  const fail = (what: string, thrown: unknown) => {
    if (failed || closing) return
    failed = true
    const error = thrownError(thrown)
    log.error(what, error)
    hostPort.state('FAILED', error)
  }
  const raise = (error: unknown) => fail(`Connector ${spec.connector} raised an error`, error)
  const stop = async () => {
    const stopping = started
    started = null
    variables?.[Symbol.dispose]()
    variables = null
    await stopping?.close()
  }
  const step = async () => {
    if (closing) return
    const goal = target
    const state = goal === 'STARTED' ? 'RUNNING' : goal
    // whoever set a target waits for its state, also when a later target led back to where it was
    if (goal === reached && !failed) return hostPort.state(state)
    // a failed connector stays failed until it is restarted, but it may be stopped
    if (failed && goal !== 'STOPPED') return
    try {
      if (goal === 'STARTED') {
        started ??= await start(spec, hostPort, raise, (watch) => {
          variables?.[Symbol.dispose]()
          variables = watch
        })
        if (failed) return
      } else await stop()
      failed = false
      reached = goal
      hostPort.state(state)
    } catch (error) {
      if (goal !== 'STOPPED') return fail(`Error while starting connector ${spec.connector}`, error)
      log.error('Error while shutting down connector', error)
      failed = false
      reached = goal
      hostPort.state('STOPPED')
    }
  }
  const proceed = () => {
    work = work.then(step)
  }
  proceed()

  return {
    retarget(state) {
      target = state
      proceed()
    },
    async taskConfigs({ maxTasks, enforce }) {
      await work
      if (started === null)
        throw new ConnectError(
          'state',
          `Connector ${spec.connector} is not running and cannot configure its tasks`,
        )
      return taskConfigsOf(started, spec, maxTasks, enforce, (message) => log.warn(message))
    },
    async close() {
      closing = true
      await work
      await stop().catch((error) => log.error('Error while shutting down connector', error))
    },
  }
}

interface StartedConnector {
  readonly connector: SourceConnector
  readonly plugin: SourcePlugin | SinkPlugin
  readonly props: Props
  /** The values of its variables. */
  readonly found: ReadonlyMap<string, string>
  close(): Promise<void>
}

async function start(
  spec: ConnectorSpec,
  hostPort: HostPort,
  raiseError: (error: unknown) => void,
  watched: (watch: Disposable) => void,
): Promise<StartedConnector> {
  const { worker, connector: name } = spec
  const resolve = () => resolveProps(spec.connectorConfig, worker.props, worker.plugins)
  const resolved = await resolve()
  const { props } = resolved
  if (reloads(props))
    watched(watchVariables(resolved, resolve, hostPort.reload, hostPort.logger(LOGGER, contextOf(spec))))
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
      tellConnectorConfig(title, { ...def, ...plugin.config }, spec.connectorConfig, told)
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
  const connector = working(
    await plugin.connector(parsePluginConfig(plugin.config, props) as never, context),
    `The connector of ${plugin.class}`,
    ['taskConfigs'],
  )
  const owned = stack.move()
  return {
    connector,
    plugin,
    props,
    found: resolved.found,
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

/** As they are stored: the task's class, a sink's topics, and variables in place of what they stand for. */
async function taskConfigsOf(
  { connector, plugin, props, found }: StartedConnector,
  spec: ConnectorSpec,
  maxTasks: number,
  enforce: boolean,
  warn: (message: string) => void,
): Promise<readonly Props[]> {
  const configs = parseTaskConfigs(await connector.taskConfigs(maxTasks))
  if (configs.length > maxTasks) {
    if (enforce) throw new ConnectError('connect', tooManyTasks(spec.connector, configs.length, maxTasks))
    warn(
      `The connector ${spec.connector} has generated ${configs.length} tasks, which is greater than ${maxTasks}, the maximum number of tasks it is configured to create. This behavior should be considered a bug and will be disallowed in future releases of Kafka Connect. Please report this to the maintainers of the connector and request that they adjust their connector's taskConfigs() method to respect the maxTasks parameter.`,
    )
  }
  const topics = Object.fromEntries(
    ['topics', 'topics.regex'].flatMap((key) =>
      plugin.type === 'sink' && props[key] ? [[key, props[key]]] : [],
    ),
  )
  return configs.map((config) =>
    withVariables({ ...config, 'task.class': taskClassOf(plugin), ...topics }, spec.connectorConfig, found),
  )
}

export const tooManyTasks = (connector: string, tasks: number, max: number): string =>
  `The connector ${connector} has generated ${tasks} tasks, which is greater than ${max}, the maximum number of tasks it is configured to create. This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.`
