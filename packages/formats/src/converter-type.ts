import { type ConfigKey, oneOf } from '@isthmus/sdk'

/** What Apache Kafka's own plugins report. */
export const VERSION = '4.3.1'

/** Every converter has this property; the worker fills it in. */
export const converterType = {
  type: 'string',
  validate: oneOf('key', 'value', 'header'),
  importance: 'low',
  doc: 'How this converter will be used.',
} as const satisfies ConfigKey
