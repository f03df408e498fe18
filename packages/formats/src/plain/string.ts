import {
  type ConfigDef,
  type ConfigOf,
  type ConverterPlugin,
  type SchemaAndValue,
  schema,
} from '@isthmus/sdk'
import { javaText } from '@isthmus/sdk/java'
import { asConverter, asHeaderConverter, type BothWays } from '../both-ways.ts'
import { converterType, VERSION } from '../converter-type.ts'
import { charsetOf } from './charset.ts'

const stringConfig = {
  'converter.type': converterType,
  'converter.encoding': {
    type: 'string',
    default: 'UTF-8',
    importance: 'high',
    doc: 'The name of the Java character set to use for encoding strings as byte arrays.',
    width: 'medium',
    displayName: 'Encoding',
  },
} as const satisfies ConfigDef

const SCHEMA = schema.string({ optional: true })
const NULL: SchemaAndValue = { schema: SCHEMA, value: null }

/** As the serializers of Java, which find their own property before the one that the converter gives them; headers count as values. */
function openString(config: ConfigOf<typeof stringConfig>, role: 'key' | 'value'): BothWays {
  const charset = (own: string) =>
    charsetOf(config.raw[`${role}.${own}.encoding`] ?? config['converter.encoding'])
  const { encode } = charset('serializer')
  const { decode } = charset('deserializer')
  return {
    write: (from, value) => {
      if (typeof value === 'string') return encode(value)
      return value === null || value === undefined ? null : encode(javaText(value, from))
    },
    read: (bytes) => (bytes === null ? NULL : { schema: SCHEMA, value: decode(bytes) }),
  }
}

/** Writes the Java text of any value; reads text. */
export const StringConverter: ConverterPlugin<typeof stringConfig> = {
  type: 'converter',
  class: 'org.apache.kafka.connect.storage.StringConverter',
  version: VERSION,
  config: stringConfig,
  open: (config, role) => asConverter(openString(config, role)),
  openHeader: (config) => asHeaderConverter(openString(config, 'value')),
}
