import { after } from 'node:test'
import { type ConfigProvider, type ConfigProviderPlugin, ConnectError, type Props } from '@isthmus/sdk'
import { type Contract, configProviderContract } from '../index.ts'
import { closeLeaks, FAULT_PATIENCE_MS, finds, leak, onlyOnce } from '../testing/planted.ts'

after(closeLeaks)

const SECRETS: Props = { user: 'anna', password: 'geheim' }

const only = (keys: readonly string[], values = SECRETS): Props =>
  Object.fromEntries(keys.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]])))

const sound: ConfigProvider = {
  get(path, keys) {
    if (path !== 'vault') throw new ConnectError('config', `There is no path ${path}`)
    return { values: only(keys), ttlMs: 60_000 }
  },
}

function played(change: () => Partial<ConfigProvider>, patienceMs = FAULT_PATIENCE_MS): Contract {
  const plugin: ConfigProviderPlugin = {
    type: 'config_provider',
    class: 'test.Vault',
    version: null,
    config: {},
    open: () => ({ ...sound, ...change() }),
  }
  return configProviderContract({ plugin, path: 'vault', values: SECRETS, absentPath: 'cellar', patienceMs })
}

finds(
  'the contract of config providers',
  played(() => ({}), 10_000),
  {
    'the keys that are asked for have their values, and no others are told': played(() => ({
      get: () => ({ values: SECRETS }),
    })),
    'a key that is not there is left out, and the others are told': played(() => ({
      get: (_path, keys) => ({ values: Object.fromEntries(keys.map((key) => [key, SECRETS[key] ?? ''])) }),
    })),
    'a time to live is a number of milliseconds, or absent': played(() => ({
      get: (_path, keys) => ({ values: only(keys), ttlMs: -1 }),
    })),
    'those who ask at once, for different keys, get what they asked for': played(() => {
      let asked: readonly string[] = []
      return {
        async get(_path, keys) {
          asked = keys
          await null
          return { values: only(asked) }
        },
      }
    }),
    'a path that is not there has no values, or is named by the error, which tells none of the values':
      played(() => ({
        get(path, keys) {
          if (path !== 'vault')
            throw new ConnectError('config', `There is no path ${path}, with the password geheim`)
          return { values: only(keys) }
        },
      })),
    'disposing twice is as good as once, also when its task has been cancelled': played(() => ({
      [Symbol.asyncDispose]: onlyOnce(),
    })),
    'what has been disposed of leaves nothing behind': played(() => {
      leak()
      return {}
    }),
  },
)
