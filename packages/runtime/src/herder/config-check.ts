import type { ConfigInfos } from '@isthmus/rest-api'
import { ConnectError, type Props } from '@isthmus/sdk'
import type { Checks } from '../checks/checks.ts'
import { findConnector } from '../plugins/registry.ts'
import { nameFault } from '../state/names.ts'
import { sameProps } from '../state/same.ts'
import type { WorkerCore } from './core.ts'

/** The config of a request, with its name in it. */
export function namedConfig(name: string, given: Props): Props {
  const config = given['name'] === undefined ? { ...given, name } : given
  if (config['name'] !== name)
    throw new ConnectError(
      'bad-request',
      `Connector name configuration (${config['name']}) doesn't match connector name in the URL (${name})`,
    )
  const fault = nameFault(name)
  if (fault !== null && name !== '')
    throw new ConnectError('bad-request', `A connector cannot have a name that ${fault}`)
  return config
}

/** Of a config: more than anybody has, and few enough to be looked through in no time. */
export const MOST_PROPERTIES = 10_000

/** null removes a property. */
export function patchedConfig(
  config: Props,
  changes: { readonly [name: string]: string | null },
): { readonly [name: string]: string } {
  const patched: { [name: string]: string } = { ...config }
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete patched[key]
    else patched[key] = value
  }
  if (Object.keys(patched).length > MOST_PROPERTIES)
    throw new ConnectError('bad-request', `A config may not have more than ${MOST_PROPERTIES} properties`)
  return patched
}

/**
 * Rejects a config that is not to be stored, in Java's words and order. `startsHere` names the connector when it is to start on this
 * worker at once.
 */
export async function checkConfig(
  core: WorkerCore,
  checks: Checks,
  config: Props,
  startsHere: string | null,
): Promise<void> {
  const className = config['connector.class']
  if (className === undefined || className.trim() === '')
    throw new ConnectError(
      'bad-request',
      `Connector config {${Object.entries(config)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ')}} contains no connector type`,
    )
  try {
    findConnector(core.facts().plugins, className)
  } catch (error) {
    throw new ConnectError('bad-request', (error as Error).message)
  }
  // what runs already has passed
  const before = core.stores.configs.snapshot().connectors.get(config['name'] ?? '')
  if (sameProps(before?.config ?? null, config)) return
  refuseInvalid(await checks.validate(startsHere, config))
}

/** Throws when there is an error among what a validation found. */
export function refuseInvalid(infos: ConfigInfos): void {
  const errors = infos.configs.flatMap(({ value }) => value.errors)
  if (errors.length > 0)
    throw new ConnectError(
      'bad-request',
      `Connector configuration is invalid and contains the following ${infos.error_count} error(s):\n${errors.join('\n')}\nYou can also find the above list of errors at the endpoint \`/connector-plugins/{connectorType}/config/validate\``,
    )
}
