import type {
  ConfigDef,
  ConfigOf,
  ConnectRecord,
  Schema,
  Transform,
  TransformPlugin,
  Value,
} from '@isthmus/sdk'
import { VERSION } from '../version.ts'

/** The half of a record that a transform works on. */
export interface Side {
  schemaOf(record: ConnectRecord): Schema | null
  valueOf(record: ConnectRecord): Value
  /** The record with another schema and value on this side. */
  changed<R extends ConnectRecord>(record: R, schema: Schema | null, value: Value): R
}

const KEY: Side = {
  schemaOf: (record) => record.keySchema,
  valueOf: (record) => record.key,
  changed: (record, keySchema, key) => ({ ...record, keySchema, key }),
}
const VALUE: Side = {
  schemaOf: (record) => record.valueSchema,
  valueOf: (record) => record.value,
  changed: (record, valueSchema, value) => ({ ...record, valueSchema, value }),
}

/** The two plugins, for keys and for values, that a transform of one side makes. */
export function onEitherSide<const D extends ConfigDef>(
  name: string,
  config: D,
  open: (config: ConfigOf<D>, side: Side) => Transform,
): { readonly key: TransformPlugin<D>; readonly value: TransformPlugin<D> } {
  const plugin = (suffix: string, side: Side): TransformPlugin<D> => ({
    type: 'transformation',
    class: `org.apache.kafka.connect.transforms.${name}$${suffix}`,
    version: VERSION,
    config,
    open: (parsed) => open(parsed, side),
  })
  return { key: plugin('Key', KEY), value: plugin('Value', VALUE) }
}
