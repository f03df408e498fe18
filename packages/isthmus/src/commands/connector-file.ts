import { ConnectError } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'

/** What a connector file on the command line asks for. */
export interface ConnectorFile {
  readonly name: string
  readonly config: { readonly [name: string]: string }
  /** null: started. */
  readonly initialState: 'STARTED' | 'PAUSED' | 'STOPPED' | null
}
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
type JsonObject = { readonly [name: string]: Json }

/**
 * Reads, in this order as Java does: a flat JSON object of texts; a JSON create request `{name, config, initial_state}`; Java
 * properties. `path` is for messages only.
 */
export function parseConnectorFile(path: string, bytes: Buffer): ConnectorFile {
  const json = parseJson(bytes.toString('utf8').replace(/^\ufeff/, ''))
  if ('object' in json) return fromJson(path, json.object)
  const config = parseProperties(bytes.toString('latin1'))
  const hint = bytes.toString('latin1').trimStart().startsWith('{')
    ? ` (it is not valid JSON: ${json.fault})`
    : ''
  return named(path, config, null, hint)
}

function fromJson(path: string, object: JsonObject): ConnectorFile {
  const { config } = object
  if (isObject(config)) return fromRequest(path, object, config)
  return named(path, texts(path, object), null)
}

function fromRequest(path: string, request: JsonObject, raw: JsonObject): ConnectorFile {
  const config = texts(path, raw)
  const name = request['name']
  if (typeof name !== 'string') return named(path, {}, null)
  if (config['name'] !== undefined && config['name'] !== name) {
    throw new ConnectError(
      'config',
      `Connector name configuration in 'config' doesn't match the one specified in 'name' at '${path}'`,
    )
  }
  return { name, config: { ...config, name }, initialState: initialStateOf(path, request['initial_state']) }
}

function initialStateOf(path: string, state: Json | undefined): ConnectorFile['initialState'] {
  if (state === undefined || state === null) return null
  switch (typeof state === 'string' ? state.toUpperCase() : state) {
    case 'RUNNING':
      return 'STARTED'
    case 'PAUSED':
      return 'PAUSED'
    case 'STOPPED':
      return 'STOPPED'
    default:
      throw new ConnectError(
        'config',
        `Connector configuration at '${path}' has the initial_state ${JSON.stringify(state)}: use RUNNING, PAUSED or STOPPED`,
      )
  }
}

function named(
  path: string,
  config: { readonly [name: string]: string },
  initialState: ConnectorFile['initialState'],
  hint = '',
): ConnectorFile {
  const name = config['name']
  if (name === undefined) {
    throw new ConnectError(
      'config',
      `Connector configuration at '${path}' is missing the mandatory 'name' configuration${hint}`,
    )
  }
  return { name, config, initialState }
}

/** Numbers and booleans count as the text they are written in; null as absent. */
function texts(path: string, object: JsonObject): { [name: string]: string } {
  const entries: [string, string][] = []
  for (const [name, value] of Object.entries(object)) {
    if (value === null) continue
    if (typeof value === 'object') {
      throw new ConnectError(
        'config',
        `Connector configuration at '${path}' has a nested value under '${name}': write it as a text`,
      )
    }
    entries.push([name, String(value)])
  }
  return Object.fromEntries(entries)
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseJson(text: string): { object: JsonObject } | { fault: string } {
  try {
    const value = JSON.parse(text, numberAsWritten) as Json
    return isObject(value) ? { object: value } : { fault: 'not an object' }
  } catch (error) {
    return { fault: (error as Error).message }
  }
}

function numberAsWritten(_: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value
}
