import type {
  ActiveTopics,
  Config,
  ConfigInfos,
  ConfigKeyInfo,
  ConfigPatch,
  ConnectorInfo,
  ConnectorOffset,
  ConnectorOffsets,
  ConnectorStateInfo,
  CreateConnectorRequest,
  ExpandedConnectors,
  LoggerLevel,
  PluginInfo,
  PluginRescan,
  ServerInfo,
  TaskInfo,
  TaskState,
  WorkerStatus,
} from '@isthmus/rest-api'
import { type ClientOptions, openSend } from './request.ts'

export type Client = ReturnType<typeof openClient>

const text = (value: boolean): string => String(value)

function segment(name: string): string {
  if (name === '.' || name === '..')
    throw new TypeError(`'${name}' cannot be asked for by fetch, which takes it for a step in the path`)
  return encodeURIComponent(name)
}

/** Every operation of the REST API; each rejects with a RequestError when the worker refuses. Holds nothing open. */
export function openClient(options: ClientOptions) {
  const send = openSend(options)
  const get = async <T>(path: string, query?: readonly (readonly [string, string])[]): Promise<T> =>
    (await send<T>('GET', path, query === undefined ? {} : { query })).body
  const done = async (method: string, path: string): Promise<void> => {
    await send(method, path)
  }
  const at = (name: string): string => `/connectors/${segment(name)}`
  const plugin = (name: string): string => `/connector-plugins/${segment(name)}`
  const logger = (name: string): string => `/admin/loggers/${segment(name)}`
  return {
    info: () => get<ServerInfo>('/'),
    health: () => get<WorkerStatus>('/health'),
    connectors: () => get<readonly string[]>('/connectors'),
    expanded: (...what: readonly ('status' | 'info')[]) =>
      get<ExpandedConnectors>(
        '/connectors',
        what.map((kind) => ['expand', kind] as const),
      ),
    create: async (connector: CreateConnectorRequest) =>
      (await send<ConnectorInfo>('POST', '/connectors', { body: connector })).body,
    connector: (name: string) => get<ConnectorInfo>(at(name)),
    delete: (name: string) => done('DELETE', at(name)),
    config: (name: string) => get<Config>(`${at(name)}/config`),
    /** Creates the connector, or replaces its config. */
    async put(
      name: string,
      config: Config,
    ): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }> {
      const { status, body } = await send<ConnectorInfo>('PUT', `${at(name)}/config`, { body: config })
      return { created: status === 201, info: body }
    },
    /** null removes a property. */
    patch: async (name: string, changes: ConfigPatch) =>
      (await send<ConnectorInfo>('PATCH', `${at(name)}/config`, { body: changes })).body,
    status: (name: string) => get<ConnectorStateInfo>(`${at(name)}/status`),
    pause: (name: string) => done('PUT', `${at(name)}/pause`),
    resume: (name: string) => done('PUT', `${at(name)}/resume`),
    stop: (name: string) => done('PUT', `${at(name)}/stop`),
    /** Answers with what is being restarted, when tasks or failures are asked for. */
    async restart(
      name: string,
      { includeTasks = false, onlyFailed = false } = {},
    ): Promise<ConnectorStateInfo | undefined> {
      const query = [
        ['includeTasks', text(includeTasks)],
        ['onlyFailed', text(onlyFailed)],
      ] as const
      return (await send<ConnectorStateInfo | undefined>('POST', `${at(name)}/restart`, { query })).body
    },
    tasks: (name: string) => get<readonly TaskInfo[]>(`${at(name)}/tasks`),
    taskStatus: (name: string, task: number) => get<TaskState>(`${at(name)}/tasks/${task}/status`),
    restartTask: (name: string, task: number) => done('POST', `${at(name)}/tasks/${task}/restart`),
    async topics(name: string): Promise<readonly string[]> {
      return (await get<ActiveTopics>(`${at(name)}/topics`))[name]?.topics ?? []
    },
    resetTopics: (name: string) => done('PUT', `${at(name)}/topics/reset`),
    async offsets(name: string): Promise<readonly ConnectorOffset[]> {
      return (await get<ConnectorOffsets>(`${at(name)}/offsets`)).offsets
    },
    alterOffsets: async (name: string, offsets: readonly ConnectorOffset[]) =>
      (await send<{ readonly message: string }>('PATCH', `${at(name)}/offsets`, { body: { offsets } })).body
        .message,
    resetOffsets: async (name: string) =>
      (await send<{ readonly message: string }>('DELETE', `${at(name)}/offsets`)).body.message,
    plugins: ({ connectorsOnly = true } = {}) =>
      get<readonly PluginInfo[]>('/connector-plugins', [['connectorsOnly', text(connectorsOnly)]]),
    /** Has the worker of this URL look for plugins again; each worker of a group is asked by itself. */
    rescanPlugins: async () => (await send<PluginRescan>('POST', '/connector-plugins/rescan')).body,
    pluginConfig: (name: string, version = 'latest') =>
      get<readonly ConfigKeyInfo[]>(`${plugin(name)}/config`, [['version', version]]),
    validate: async (name: string, config: ConfigPatch) =>
      (await send<ConfigInfos>('PUT', `${plugin(name)}/config/validate`, { body: config })).body,
    loggers: () => get<{ readonly [logger: string]: LoggerLevel }>('/admin/loggers'),
    logger: (name: string) => get<LoggerLevel>(logger(name)),
    /** Answers with the loggers whose level changed; with nothing for `cluster`. */
    setLevel: async (name: string, level: string, scope: 'worker' | 'cluster' = 'worker') =>
      (
        await send<readonly string[] | undefined>('PUT', logger(name), {
          query: [['scope', scope]],
          body: { level },
        })
      ).body ?? [],
  }
}
