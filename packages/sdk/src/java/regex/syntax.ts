/** Says of a code point whether it belongs to a set of characters. */
export type CharTest = (codePoint: number) => boolean

export type RepeatMode = 'greedy' | 'lazy' | 'possessive'

/** A position in the text rather than a character of it. `unix`: only `\n` ends a line. */
export type Anchor =
  | 'begin'
  | 'end'
  | 'match-end'
  | 'word-bound'
  | 'no-word-bound'
  | 'line-start'
  | 'unix-line-start'
  | 'line-end'
  | 'unix-line-end'
  | 'last-line-end'
  | 'unix-last-line-end'

/** What a pattern says, before it is known how it is matched. */
export type Pattern =
  /** `cost`: how much work the test may be, at least 1. */
  | { readonly type: 'char'; readonly test: CharTest; readonly cost: number }
  | { readonly type: 'anchor'; readonly anchor: Anchor; readonly unicode: boolean }
  | { readonly type: 'line-break' }
  | { readonly type: 'sequence'; readonly items: readonly Pattern[] }
  | { readonly type: 'choice'; readonly branches: readonly Pattern[] }
  /** `index` is 0 where nothing is captured. */
  | { readonly type: 'group'; readonly index: number; readonly body: Pattern }
  | { readonly type: 'atomic'; readonly body: Pattern }
  | { readonly type: 'look'; readonly behind: boolean; readonly negated: boolean; readonly body: Pattern }
  | { readonly type: 'reference'; readonly group: number; readonly same: (a: number, b: number) => boolean }
  | {
      readonly type: 'repeat'
      readonly body: Pattern
      readonly min: number
      readonly max: number
      readonly mode: RepeatMode
    }

/** More repetitions than this there cannot be; the patterns of Java call it unlimited. */
export const UNLIMITED = 0x7fffffff

export interface ParsedPattern {
  readonly root: Pattern
  readonly groupCount: number
  readonly groupNames: ReadonlyMap<string, number>
}

export interface Flags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly unixLines: boolean
  readonly unicodeCase: boolean
  readonly comments: boolean
  readonly unicodeClasses: boolean
}

export const NO_FLAGS: Flags = {
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  unixLines: false,
  unicodeCase: false,
  comments: false,
  unicodeClasses: false,
}
