import { registerHooks } from 'node:module'

const SDK = /^@isthmus\/sdk(\/|$)/

/**
 * Lets plugins import `@isthmus/sdk` where nobody has installed it for them: they get the worker's own. A folder with a copy of its
 * own uses that. To be called once by the entry module of a thread, before any plugin is imported.
 */
export function lendSdk(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (!SDK.test(specifier)) return next(specifier, context)
      try {
        return next(specifier, context)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
        return next(specifier, { ...context, parentURL: import.meta.url })
      }
    },
  })
}
