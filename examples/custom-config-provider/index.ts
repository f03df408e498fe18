import { readFile } from 'node:fs/promises'
import { type ConfigDef, type ConfigProviderPlugin, ConnectError } from '@isthmus/sdk'

const config = {
  file: {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'The file to read where a variable names none.',
  },
} as const satisfies ConfigDef

/** `${json:/path/to/secrets.json:database.password}`: a text, a number or a truth value of a JSON file, by its path in there. */
export const JsonConfigProvider: ConfigProviderPlugin<typeof config> = {
  type: 'config_provider',
  class: 'example.JsonConfigProvider',
  version: '1.0.0',
  config,
  open: ({ file }) => ({
    async get(path, keys) {
      const content = await contentOf(path === '' ? file : path)
      const found = keys.map((key) => [key, textAt(content, key)] as const)
      // what is not there is left out: the worker says which variable it could not replace
      return {
        values: Object.fromEntries(found.filter((one): one is readonly [string, string] => one[1] !== null)),
      }
    },
  }),
}

async function contentOf(file: string | null): Promise<unknown> {
  if (file === null)
    throw new ConnectError('config', 'JsonConfigProvider: neither the variable nor its config names a file')
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    // the cause may quote what is in the file, which is secret
    const why = cause instanceof SyntaxError ? 'it is no JSON' : (cause as Error).message
    throw new ConnectError('config', `JsonConfigProvider: could not read ${file}: ${why}`)
  }
}

function textAt(content: unknown, key: string): string | null {
  let value = content
  for (const step of key.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return null
    value = (value as { readonly [name: string]: unknown })[step]
  }
  return typeof value === 'object' || value === undefined ? null : String(value)
}
