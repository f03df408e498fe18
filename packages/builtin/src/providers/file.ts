import { type ConfigDef, type ConfigProviderPlugin, ConnectError } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { VERSION } from '../version.ts'
import { ALLOWED_PATHS, allowedPaths } from './allowed-paths.ts'
import { chosen } from './chosen.ts'
import { regularText } from './regular-file.ts'

const config = { 'allowed.paths': ALLOWED_PATHS } satisfies ConfigDef

/** `${file:/path/to.properties:key}`: a property of a Java properties file, in UTF-8. */
export const FileConfigProvider: ConfigProviderPlugin<typeof config> = {
  type: 'config_provider',
  class: 'org.apache.kafka.common.config.provider.FileConfigProvider',
  version: VERSION,
  config,
  open({ 'allowed.paths': paths }) {
    const allowed = allowedPaths(paths)
    return {
      async get(path, keys) {
        if (path === '' || !allowed(path)) return { values: {} }
        let text: string
        try {
          text = await regularText(path)
        } catch (cause) {
          throw new ConnectError('config', `Could not read properties from file ${path}`, { cause })
        }
        return { values: chosen(parseProperties(text), keys) }
      },
    }
  },
}
