import type { Converter, HeaderConverter, Schema, SchemaAndValue, Serialized, Value } from '@isthmus/sdk'

/** A format that depends on nothing but schema and value: it serves keys, values and headers alike. */
export interface BothWays {
  write(schema: Schema | null, value: Value): Serialized
  read(bytes: Uint8Array | null): SchemaAndValue
}

export const asConverter = ({ write, read }: BothWays): Converter => ({
  fromConnectData: (_topic, schema, value) => write(schema, value),
  toConnectData: (_topic, bytes) => read(bytes),
})

export const asHeaderConverter = ({ write, read }: BothWays): HeaderConverter => ({
  fromConnectHeader: (_topic, _key, schema, value) => write(schema, value),
  toConnectHeader: (_topic, _key, bytes) => read(bytes),
})
