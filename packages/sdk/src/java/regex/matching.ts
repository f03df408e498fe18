import { isLetterOrDigit, isMark, isWordPart, UNICODE_WORD } from './properties.ts'
import type { Anchor } from './syntax.ts'

/** A match under way. Only one is at a time, so each pattern has one of these. */
export interface Matching {
  text: string
  /** Where the search or the last match before it ended. */
  previousEnd: number
  /** Where the part that was matched last ended. */
  last: number
  whole: boolean
  /** Start and end of each group, -1 where it took no part. */
  readonly groups: Int32Array
  /** What groups and loops that are being matched have to remember. */
  readonly slots: number[]
  /** For each outermost loop, the positions from which it is known to lead nowhere. */
  readonly failed: Set<number>[]
}

/** Matches from a position in the text to the end of the whole pattern: each knows what comes after it. */
export type Attempt = (at: number) => boolean

/** Whether an anchor holds at a position in the text. */
type AnchorTest = (at: number, matching: Matching) => boolean

const LF = 10
const CR = 13

const isLineEnd = (char: number): boolean =>
  char === LF || char === CR || char === 0x85 || (char | 1) === 0x2029

/** Java's lines: `\r\n` is one end of a line, and nothing is between its two. */
export const ANCHORS: { readonly [A in Anchor]: AnchorTest } = {
  begin: (at) => at === 0,
  end: (at, { text }) => at === text.length,
  'match-end': (at, { previousEnd }) => at === previousEnd,
  'word-bound': (at, { text }) => atWordBound(text, at, false),
  'no-word-bound': (at, { text }) => !atWordBound(text, at, false),
  'line-start': (at, { text }) => {
    if (at === text.length) return false
    if (at === 0) return true
    const before = text.charCodeAt(at - 1)
    return isLineEnd(before) && !(before === CR && text.charCodeAt(at) === LF)
  },
  'unix-line-start': (at, { text }) => at !== text.length && (at === 0 || text.charCodeAt(at - 1) === LF),
  'line-end': (at, { text }) => at === text.length || atLineEnd(text, at),
  'unix-line-end': (at, { text }) => at === text.length || text.charCodeAt(at) === LF,
  'last-line-end': (at, { text }) => {
    if (at === text.length) return true
    if (at < text.length - 2) return false
    if (at === text.length - 2) return text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF
    return atLineEnd(text, at)
  },
  'unix-last-line-end': (at, { text }) =>
    at === text.length || (at === text.length - 1 && text.charCodeAt(at) === LF),
}

/** The same with Unicode's notion of a word. */
export const UNICODE_ANCHORS: { readonly [A in Anchor]: AnchorTest } = {
  ...ANCHORS,
  'word-bound': (at, { text }) => atWordBound(text, at, true),
  'no-word-bound': (at, { text }) => !atWordBound(text, at, true),
}

function atLineEnd(text: string, at: number): boolean {
  const char = text.charCodeAt(at)
  return isLineEnd(char) && !(char === LF && at > 0 && text.charCodeAt(at - 1) === CR)
}

function atWordBound(text: string, at: number, unicode: boolean): boolean {
  return partOfWord(text, startBefore(text, at), unicode) !== partOfWord(text, at, unicode)
}

function startBefore(text: string, at: number): number {
  const low = text.charCodeAt(at - 1)
  const high = text.charCodeAt(at - 2)
  return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff ? at - 2 : at - 1
}

function partOfWord(text: string, at: number, unicode: boolean): boolean {
  if (at < 0 || at >= text.length) return false
  const char = text.codePointAt(at) ?? 0
  if (unicode ? UNICODE_WORD()(char) : isWordPart(char)) return true
  return isMark(char) && hasBase(text, at)
}

/** A combining mark belongs to the letter or digit before it. */
function hasBase(text: string, at: number): boolean {
  for (let index = at; index >= 0; index--) {
    const char = text.codePointAt(index) ?? 0
    if (isLetterOrDigit(char)) return true
    if (!isMark(char)) return false
  }
  return false
}
