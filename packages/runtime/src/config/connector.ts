import {
  atLeast,
  type ConfigDef,
  nonEmptyWithoutControlChars,
  oneOf,
  type Props,
  parseConfig,
  type Validator,
} from '@isthmus/sdk'
import { parseVersionRange } from '../plugins/version-range.ts'

/** Groups of properties, as the REST API shows them. */
export const COMMON = 'Common'
export const ERRORS = 'Error Handling'

/** An alias given twice is reported, also where properties are parsed for use. */
export const aliases: Validator = (value) => {
  if (value === null) return 'entry must be non null'
  const list = value as readonly string[]
  return new Set(list).size === list.length ? null : 'Duplicate alias provided.'
}

const isVersion: Validator = (value) => {
  try {
    parseVersionRange(value as string | null)
    return null
  } catch (error) {
    return { message: (error as Error).message }
  }
}

/** Properties of every connector, as Java's `ConnectorConfig`. Groups, orders and widths show in the REST API. */
export const connectorDef = {
  name: {
    type: 'string',
    importance: 'high',
    group: COMMON,
    order: 1,
    width: 'medium',
    displayName: 'Connector name',
    validate: nonEmptyWithoutControlChars,
    doc: 'Globally unique name to use for this connector.',
  },
  'connector.class': {
    type: 'string',
    importance: 'high',
    group: COMMON,
    order: 2,
    width: 'long',
    displayName: 'Connector class',
    doc: 'Name or alias of the class for this connector.',
  },
  'connector.plugin.version': versionKey('Connector version', 3, 'medium'),
  'tasks.max': {
    type: 'int',
    default: 1,
    validate: atLeast(1),
    importance: 'high',
    group: COMMON,
    order: 4,
    width: 'short',
    displayName: 'Tasks max',
    doc: 'Maximum number of tasks to use for this connector.',
  },
  'tasks.max.enforce': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    group: COMMON,
    order: 5,
    width: 'short',
    displayName: 'Enforce tasks max',
    doc: 'Whether a connector that generates more tasks than tasks.max fails.',
  },
  'key.converter': converterKey('Key converter class', 6, 'keys'),
  'key.converter.plugin.version': versionKey('Key converter version', 7, 'low'),
  'value.converter': converterKey('Value converter class', 8, 'values'),
  'value.converter.plugin.version': versionKey('Value converter version', 9, 'low'),
  'header.converter': converterKey('Header converter class', 10, 'header values'),
  'header.converter.plugin.version': versionKey('Header converter version', 11, 'low'),
  transforms: aliasList('Transforms', 12),
  predicates: aliasList('Predicates', 13),
  'config.action.reload': {
    type: 'string',
    default: 'restart',
    validate: oneOf('none', 'restart'),
    importance: 'low',
    group: COMMON,
    order: 14,
    width: 'medium',
    displayName: 'Reload Action',
    doc: 'What to do when a value from a config provider expires: none or restart.',
  },
  'errors.retry.timeout': {
    type: 'long',
    default: 0,
    importance: 'medium',
    group: ERRORS,
    order: 1,
    width: 'medium',
    displayName: 'Retry Timeout for Errors',
    doc: 'How long a failed operation is tried again, in milliseconds; 0 never, -1 for ever.',
  },
  'errors.retry.delay.max.ms': {
    type: 'long',
    default: 60_000,
    importance: 'medium',
    group: ERRORS,
    order: 2,
    width: 'medium',
    displayName: 'Maximum Delay Between Retries for Errors',
    doc: 'The longest pause between two tries, in milliseconds.',
  },
  'errors.tolerance': {
    type: 'string',
    default: 'none',
    validate: oneOf('none', 'all'),
    importance: 'medium',
    group: ERRORS,
    order: 3,
    width: 'short',
    displayName: 'Error Tolerance',
    doc: 'none: a bad record fails the task; all: bad records are skipped.',
  },
  'errors.log.enable': {
    type: 'boolean',
    default: 'false',
    importance: 'medium',
    group: ERRORS,
    order: 4,
    width: 'short',
    displayName: 'Log Errors',
    doc: 'Whether each failed operation is written to the log.',
  },
  'errors.log.include.messages': {
    type: 'boolean',
    default: 'false',
    importance: 'medium',
    group: ERRORS,
    order: 5,
    width: 'short',
    displayName: 'Log Error Details',
    doc: 'Whether the log also shows the record that failed.',
  },
} satisfies ConfigDef

export const parseConnector = (props: Props) => parseConfig(connectorDef, props)
export type ConnectorConfig = ReturnType<typeof parseConnector>

function converterKey(displayName: string, order: number, what: string) {
  return {
    type: 'class',
    default: null,
    importance: 'low',
    group: COMMON,
    order,
    width: 'short',
    displayName,
    doc: `Converter of ${what} for this connector; the worker's when absent.`,
  } as const
}
function versionKey(displayName: string, order: number, importance: 'medium' | 'low') {
  return {
    type: 'string',
    default: null,
    validate: isVersion,
    importance,
    group: COMMON,
    order,
    width: importance === 'medium' ? 'medium' : 'short',
    displayName,
    doc: 'Version of that plugin: a version, a range such as [1.0,2.0), or latest.',
  } as const
}
function aliasList(kind: 'Transforms' | 'Predicates', order: number) {
  return {
    type: 'list',
    default: '',
    validate: aliases,
    importance: 'low',
    group: kind,
    order,
    width: 'long',
    displayName: kind,
    doc: `Aliases for the ${kind.toLowerCase()} of this connector.`,
  } as const
}
