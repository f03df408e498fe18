import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isLeaked } from './isolation.ts'

const SDK = /^@isthmus\/sdk(\/|$)/

/** Of an import, and of `require`. */
const NOT_FOUND: ReadonlySet<string> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])

/**
 * Lets plugins import or require `@isthmus/sdk` where nobody has installed it for them: they get the worker's own. A folder with a copy of its
 * own uses that. What else is installed for the worker is not there for them. To be called once by the entry module of a
 * thread, before any plugin is imported.
 */
export function lendSdk(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (!SDK.test(specifier)) {
        const found = next(specifier, context)
        if (isLeaked(specifier, context.parentURL, found.url))
          throw notInstalled(specifier, context.parentURL)
        return found
      }
      try {
        return next(specifier, context)
      } catch (error) {
        if (!NOT_FOUND.has((error as NodeJS.ErrnoException).code ?? '')) throw error
        // not `next` with another parent: `require` looks from its own module whatever it is told
        return { url: import.meta.resolve(specifier), shortCircuit: true }
      }
    },
  })
}

/** As Node says it. */
function notInstalled(specifier: string, parent = ''): Error {
  const importer = parent.startsWith('file:') ? fileURLToPath(parent) : parent
  const message = `Cannot find package '${specifier}' imported from ${importer}`
  return Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' })
}
