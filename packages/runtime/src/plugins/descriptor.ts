/** What kinds of plugins there are, as `/connector-plugins` names them. */
export type PluginType =
  | 'source'
  | 'sink'
  | 'converter'
  | 'header_converter'
  | 'transformation'
  | 'predicate'
  | 'config_provider'

/** A plugin as plain data: found by a scan, imported only where it runs. */
export interface PluginDescriptor {
  readonly type: PluginType
  /** The Java class name it answers to. */
  readonly class: string
  /** null: it does not say. */
  readonly version: string | null
  /** The folder of `plugin.path` it was found in; `classpath` for what comes with the worker, as in Java. */
  readonly location: string
  /** URL of the module and name of its export. */
  readonly module: string
  readonly export: string
  /** Of connectors: the class named in task configs. */
  readonly taskClass?: string
  /** Of converters: it converts headers as well. */
  readonly headers?: boolean
}

export interface Scan {
  readonly plugins: readonly PluginDescriptor[]
  /** One line for each thing that could not be used, to be logged. */
  readonly warnings: readonly string[]
}

/** Java's name for the class of a connector's tasks. */
export const taskClassOf = (plugin: { readonly class: string; readonly taskClass?: string }): string =>
  plugin.taskClass ?? `${plugin.class.replace(/Connector$/, '')}Task`
