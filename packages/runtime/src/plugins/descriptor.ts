/** What kinds of plugins there are, as `/connector-plugins` names them. */
export type PluginType =
  | 'source'
  | 'sink'
  | 'converter'
  | 'header_converter'
  | 'transformation'
  | 'predicate'
  | 'config_provider'

/** What configs and the API know of a plugin, whatever its code is. */
interface Described {
  readonly type: PluginType
  /** The Java class name it answers to. */
  readonly class: string
  /** null: it does not say. */
  readonly version: string | null
  /** The folder of `plugin.path` it was found in; `classpath` for what comes with the worker, as in Java. */
  readonly location: string
  /**
   * Names the content of the plugin's files when it was scanned: another content has another stamp. Empty for what comes with the worker.
   */
  readonly stamp: string
  /** Of connectors: the class named in task configs. */
  readonly taskClass?: string
  /** Of converters: it converts headers as well. */
  readonly headers?: boolean
}

/** One whose code is an export of a module. */
export interface ModulePlugin extends Described {
  readonly kind: 'module'
  /** URL of the module and name of its export. */
  readonly module: string
  readonly export: string
}

/** A plugin as plain data: found by a scan, loaded only where it runs. What its kind adds is for its loader alone. */
export type PluginDescriptor = ModulePlugin

export interface Scan {
  readonly plugins: readonly PluginDescriptor[]
  /** One line for each thing that could not be used, to be logged. */
  readonly warnings: readonly string[]
  /** Modules that could not be imported, have no plugin, or one that cannot be used: which plugins they are meant to have is not known. */
  readonly unread?: readonly Pick<ModulePlugin, 'module' | 'stamp'>[]
}

/** Java's name for the class of a connector's tasks. */
export const taskClassOf = (plugin: { readonly class: string; readonly taskClass?: string }): string =>
  plugin.taskClass ?? `${plugin.class.replace(/Connector$/, '')}Task`
