import type { ConfigDef, Props } from '@isthmus/sdk'

/** A task's configuration: each property of the definition as text, its default where it is not set. Properties without either are left out. */
export const taskPropsOf = (definition: ConfigDef, props: Props): Props =>
  Object.fromEntries(
    Object.entries(definition).flatMap(([name, key]) => {
      const text = props[name] ?? key.default ?? null
      return text === null ? [] : [[name, String(text)]]
    }),
  )
