import { type ConfigDef, type ConfigOf, oneOfIgnoringCase } from '@isthmus/sdk'
import { converterType } from '../converter-type.ts'

export const jsonConfig = {
  'converter.type': converterType,
  'schemas.enable': {
    type: 'boolean',
    default: 'true',
    importance: 'high',
    doc: 'Include schemas within each of the serialized values and keys.',
    group: 'Schemas',
    order: 0,
    width: 'medium',
    displayName: 'Enable Schemas',
  },
  'schemas.cache.size': {
    type: 'int',
    default: 1000,
    importance: 'high',
    doc: 'The maximum number of schemas that can be cached in this converter instance.',
    group: 'Schemas',
    order: 1,
    width: 'medium',
    displayName: 'Schema Cache Size',
  },
  'schema.content': {
    type: 'string',
    default: null,
    importance: 'high',
    doc:
      'When set, this is used as the schema for all messages, and the schemas within each of the message will be ignored.' +
      "Otherwise, the schema will be included in the content of each message. This configuration applies only 'schemas.enable' " +
      'is true, and it exclusively affects the sink connector.',
    group: 'Schemas',
    order: 2,
    width: 'medium',
    displayName: 'Schema Content',
  },
  'decimal.format': {
    type: 'string',
    default: 'BASE64',
    validate: oneOfIgnoringCase('BASE64', 'NUMERIC'),
    importance: 'low',
    doc:
      'Controls which format this converter will serialize decimals in. This value is case insensitive and can be ' +
      "either 'BASE64' (default) or 'NUMERIC'",
    group: 'Serialization',
    order: 0,
    width: 'medium',
    displayName: 'Decimal Format',
  },
  'replace.null.with.default': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    doc:
      'Whether to replace fields that have a default value and that are null to the default value. When set to true, ' +
      'the default value is used, otherwise null is used.',
    group: 'Serialization',
    order: 1,
    width: 'medium',
    displayName: 'Replace null with default',
  },
} as const satisfies ConfigDef

export type JsonConfig = ConfigOf<typeof jsonConfig>
