import { didYouMean } from '@isthmus/runtime/nearest'
import { ConnectError } from '@isthmus/sdk'

/** `--property name=value`, as Kafka's console tools take it: over the defaults, whose names are all that there are. */
export function lineProperties<P extends { readonly [name: string]: string }>(
  defaults: P,
  given: readonly string[],
): { readonly [K in keyof P]: string } {
  const props: { [name: string]: string } = { ...defaults }
  for (const text of given) {
    const at = text.indexOf('=')
    if (at < 1) throw new ConnectError('config', `--property takes NAME=VALUE, not '${text}'.`)
    const name = text.slice(0, at)
    if (!Object.hasOwn(defaults, name))
      throw new ConnectError(
        'config',
        `--property ${name} is not known${didYouMean(name, Object.keys(defaults)) || `; there are ${Object.keys(defaults).join(', ')}.`}`,
      )
    // a shell passes \t as two characters
    props[name] = text
      .slice(at + 1)
      .replaceAll('\\t', '\t')
      .replaceAll('\\n', '\n')
  }
  return props as { readonly [K in keyof P]: string }
}
