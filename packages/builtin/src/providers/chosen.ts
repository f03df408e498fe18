import type { Props } from '@isthmus/sdk'

/** The properties that were asked for, as far as there are such. */
export const chosen = (
  all: { readonly [name: string]: string | undefined },
  keys: readonly string[],
): Props =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = Object.hasOwn(all, key) ? all[key] : undefined
      return value === undefined ? [] : [[key, value]]
    }),
  )
