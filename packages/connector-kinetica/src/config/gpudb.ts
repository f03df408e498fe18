import {
  type ConfigDef,
  type ConfigKey,
  type ConfigOf,
  type ConfigValue,
  type MaybePromise,
  type Props,
  parseConfig,
} from '@isthmus/sdk'
import { sinkConfig } from './sink.ts'
import { sourceConfig } from './source.ts'

/** Properties of the connectors of version 5, when the database was called GPUdb: what each is called today. */
const connectionNames = {
  'gpudb.url': 'kinetica.url',
  'gpudb.username': 'kinetica.username',
  'gpudb.password': 'kinetica.password',
  'gpudb.timeout': 'kinetica.timeout',
} as const
const sourceNames = {
  ...connectionNames,
  'gpudb.table_names': 'kinetica.table_names',
  topic_prefix: 'kinetica.topic_prefix',
  // which version 5 did not have
  'kinetica.order_column': 'kinetica.order_column',
} as const
const sinkNames = {
  ...connectionNames,
  'gpudb.collection_name': 'kinetica.tables.schema_name',
  'gpudb.table_name': 'kinetica.tables.destination_name',
  'gpudb.batch_size': 'kinetica.batch_size',
} as const

export const formerSource = openNames(sourceConfig, sourceNames)
export const formerSink = openNames(sinkConfig, sinkNames)

/**
 * A plugin's configuration under former names: its definition, and the way from there to the present names and back. What the plugin
 * says of its properties is said of the former ones.
 */
function openNames<const D extends ConfigDef>(
  present: D,
  names: { readonly [former: string]: keyof D & string },
) {
  const nowOf = new Map(Object.entries(names))
  const beforeOf = new Map(Object.entries(names).map(([before, now]) => [now as string, before]))
  const renamed = (props: Props, names: ReadonlyMap<string, string>): Props =>
    Object.fromEntries(Object.entries(props).map(([name, value]) => [names.get(name) ?? name, value]))
  const inFormerWords = (message: string) =>
    message.replaceAll(/kinetica\.[a-z_.]*[a-z]/g, (name) => beforeOf.get(name) ?? name)

  const config: ConfigDef = Object.fromEntries(
    Object.entries(names).map(([before, now]) => {
      const key = present[now] as ConfigKey
      const was = before === now ? '' : `${now}, as it was called in version 5. `
      return [before, { ...key, doc: `${was}${inFormerWords(key.doc)}` }]
    }),
  )
  return {
    config,
    /** The configuration under present names, parsed. */
    present: ({ raw }: { readonly raw: Props }): ConfigOf<D> => parseConfig(present, renamed(raw, nowOf)),
    /** A task's configuration, which tasks read under former names. */
    former: (props: Props): Props => renamed(props, beforeOf),
    /** The checks of a plugin beyond its definition, asked and answered under former names. */
    check:
      (check: Check): Check =>
      async (props, values) => {
        const found = await check(
          renamed(props, nowOf),
          values.map((value) => ({ ...value, name: nowOf.get(value.name) ?? value.name })),
        )
        return Object.fromEntries(
          Object.entries(found).map(([name, messages]) => [
            beforeOf.get(name) ?? name,
            messages.map(inFormerWords),
          ]),
        )
      },
  }
}

type Check = (
  props: Props,
  values: readonly ConfigValue[],
) => MaybePromise<{ readonly [name: string]: readonly string[] }>
