import { createHash } from 'node:crypto'
import type { PluginDescriptor } from '../plugins/descriptor.ts'

/** Lists of plugins live as long as what goes by them. */
const names = new WeakMap<readonly PluginDescriptor[], string>()

/**
 * Names the code that an instance which knows these plugins may run. It has another name where any of them is made of other files, has come or
 * gone: which of them an instance loads, its variables may decide. A thread or process loads a module once and for ever, so it runs code of one
 * name only.
 */
export function codeOf(plugins: readonly PluginDescriptor[]): string {
  const known = names.get(plugins)
  if (known !== undefined) return known
  const stamps = new Set(plugins.map(({ module, stamp }) => (stamp === '' ? '' : `${module}\u0000${stamp}`)))
  const name = createHash('sha256')
    .update([...stamps].sort().join('\u0000'))
    .digest('base64')
  names.set(plugins, name)
  return name
}
