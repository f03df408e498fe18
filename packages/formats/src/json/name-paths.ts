import type { Value } from '@isthmus/sdk'

export type Make = (values: readonly Value[], first: number) => { readonly [name: string]: Value }

export const WORD = 4

/** Bytes as whole words, which are compared faster; the last one may overlap the one before. Shorter ones match nothing. */
export interface Token {
  readonly length: number
  readonly words: Int32Array
  readonly last: number
}
export function tokenOf(text: string): Token {
  const bytes = Buffer.from(text, 'latin1')
  const { length } = bytes
  const words = new Int32Array(length >> 2)
  for (let i = 0; i < words.length; i++) words[i] = bytes.readInt32LE(i * WORD)
  return { length, words, last: length < WORD ? 0 : bytes.readInt32LE(length - WORD) }
}

/** The names of an object up to a value, as documents had them: what comes next is predicted by what came next the last time. */
export class NamePath {
  readonly name: string
  /** All that stands between the value before and the value here, such as `, "name": `. */
  readonly token: Token
  readonly before: NamePath | null
  readonly count: number
  /** What came next the last time. */
  next: NamePath | null = null
  others: Map<string, NamePath> | null = null
  /** Where the names of objects begin that are the value here, or in a list here. */
  inside: NamePath | null = null
  make: Make | null = null

  constructor(name: string, token: Token, before: NamePath | null) {
    this.name = name
    this.token = token
    this.before = before
    this.count = before === null ? 0 : before.count + 1
  }

  names(): string[] {
    const names: string[] = []
    for (let path: NamePath = this; path.before !== null; path = path.before) names.push(path.name)
    return names.reverse()
  }
}
export const root = () => new NamePath('', tokenOf(''), null)

/** Names that are constants make one hidden class at once; a loop over them takes ten times as long. */
export function makerOf(names: readonly string[]): Make {
  // only a computed name makes a property of __proto__
  const fields = names.map((name, index) => {
    const key = JSON.stringify(name)
    return `${name === '__proto__' ? `[${key}]` : key}: values[first + ${index}]`
  })
  return new Function('values', 'first', `return { ${fields.join(', ')} }`) as Make
}
