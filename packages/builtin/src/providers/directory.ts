import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConfigDef, type ConfigProviderPlugin, ConnectError } from '@isthmus/sdk'
import { VERSION } from '../version.ts'
import { ALLOWED_PATHS, allowedPaths } from './allowed-paths.ts'
import { regularText } from './regular-file.ts'

const config = { 'allowed.paths': ALLOWED_PATHS } satisfies ConfigDef

/** `${dir:/path/to/folder:key}`: the whole content, line ends included, of the file `key` in a folder. */
export const DirectoryConfigProvider: ConfigProviderPlugin<typeof config> = {
  type: 'config_provider',
  class: 'org.apache.kafka.common.config.provider.DirectoryConfigProvider',
  version: VERSION,
  config,
  open({ 'allowed.paths': paths }) {
    const allowed = allowedPaths(paths)
    return {
      async get(path, keys) {
        if (path === '' || !allowed(path) || !(await stat(path).catch(() => null))?.isDirectory())
          return { values: {} }
        const names = await readdir(path).catch((cause: unknown) => {
          throw new ConnectError('config', `Could not list directory ${path}`, { cause })
        })
        const values: { [name: string]: string } = {}
        // listed, and not opened by name: a key must not lead out of the folder
        for (const name of names.filter((one) => keys.includes(one))) {
          const file = join(path, name)
          if (!allowed(file) || !(await stat(file).catch(() => null))?.isFile()) continue
          try {
            values[name] = await regularText(file)
          } catch (cause) {
            throw new ConnectError('config', `Could not read file ${file} for property ${name}`, { cause })
          }
        }
        return { values }
      },
    }
  },
}
