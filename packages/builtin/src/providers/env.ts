import { type ConfigDef, type ConfigProviderPlugin, ConnectError, regex } from '@isthmus/sdk'
import { javaPattern } from '@isthmus/sdk/java'
import { VERSION } from '../version.ts'
import { chosen } from './chosen.ts'

const config = {
  'allowlist.pattern': {
    type: 'string',
    default: '.*',
    validate: regex,
    importance: 'low',
    doc: 'Regular expression that the whole name of an environment variable must match to be given out.',
  },
} as const satisfies ConfigDef

/** `${env:NAME}`: a variable of the worker's environment. */
export const EnvVarConfigProvider: ConfigProviderPlugin<typeof config> = {
  type: 'config_provider',
  class: 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
  version: VERSION,
  config,
  open({ 'allowlist.pattern': pattern }) {
    const allowed = javaPattern(pattern)
    return {
      get(path, keys) {
        if (path !== '')
          throw new ConnectError(
            'config',
            `Path is not supported for EnvVarConfigProvider, invalid value '${path}'`,
          )
        return {
          values: chosen(
            process.env,
            keys.filter((key) => allowed.matches(key)),
          ),
        }
      },
    }
  },
}
