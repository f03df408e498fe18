import { readFileSync } from 'node:fs'
import type { ConfigDef } from '@isthmus/sdk'
import { root } from '../check/sources.ts'

/** A plugin that comes with the worker, and its own properties. */
export interface ShippedPlugin {
  readonly type: string
  readonly class: string
  readonly config: ConfigDef
}

const PACKAGES = ['builtin', 'formats', 'connector-s3', 'connector-kinetica']

interface Indexed {
  readonly module: string
  readonly export: string
}

/** All of them, in the order of the indexes of our packages. */
export async function shippedPlugins(): Promise<readonly ShippedPlugin[]> {
  const plugins: ShippedPlugin[] = []
  for (const name of PACKAGES) {
    const folder = new URL(`packages/${name}/`, new URL(root, 'file://'))
    const index = JSON.parse(readFileSync(new URL('plugins.json', folder), 'utf8')) as readonly Indexed[]
    for (const { module, export: exported } of index)
      plugins.push((await import(new URL(module, folder).href))[exported] as ShippedPlugin)
  }
  return plugins
}
