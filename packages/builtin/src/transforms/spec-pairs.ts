import { ConnectError, codeOf, type Validator } from '@isthmus/sdk'

/** As Java's `String.split`: what is empty at the end does not count. */
export function splitSpec(spec: string): readonly string[] {
  const parts = spec.split(':')
  while (parts.length > 0 && parts.at(-1) === '') parts.pop()
  return spec === '' ? [''] : parts
}

/** `old:new`. The message names the property `renames` wherever it stands, as Java's does. */
export function splitPair(mapping: string, mappings: readonly string[]): readonly [string, string] {
  const [left, right, ...more] = splitSpec(mapping)
  if (left === undefined || right === undefined || more.length > 0) throw invalidPair(mapping, mappings)
  return [left, right]
}

export const invalidPair = (mapping: string, mappings: readonly string[]): ConnectError =>
  new ConnectError(
    'config',
    `Invalid value [${mappings.join(', ')}] for configuration renames: Invalid rename mapping: ${mapping}`,
  )

/** A list that is valid if it can be read; what reading throws is the whole message. */
export function pairsValidator(read: (list: readonly string[]) => void): Validator {
  const validate: Validator = (value) => {
    try {
      read(value as readonly string[])
      return null
    } catch (error) {
      if (codeOf(error) !== 'config') throw error
      return { message: (error as ConnectError).message }
    }
  }
  return Object.assign(validate, {
    description: 'list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>',
  })
}
