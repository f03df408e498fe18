import { appendFile, readFile } from 'node:fs/promises'
import type { ConfigDef, ConfigProviderPlugin } from '@isthmus/sdk'

const config = {
  ttl: { type: 'long', default: null, importance: 'low', doc: 'How long values hold, in milliseconds.' },
} as const satisfies ConfigDef

/** Values of a JSON file, which hold for a while; every question is a line of the file `.asked` beside it. */
export const VaultConfigProvider: ConfigProviderPlugin<typeof config> = {
  type: 'config_provider',
  class: 'test.VaultConfigProvider',
  version: '1',
  config,
  open: ({ ttl }) => ({
    async get(path, keys) {
      await appendFile(`${path}.asked`, `${keys.join()}\n`)
      const all = JSON.parse(await readFile(path, 'utf8')) as { [key: string]: string }
      const found = keys.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]] as const]))
      return { values: Object.fromEntries(found), ...(ttl !== null && { ttlMs: ttl }) }
    },
  }),
}
