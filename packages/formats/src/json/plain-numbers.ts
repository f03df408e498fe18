import { MAX_DEPTH } from './parse.ts'

const ZERO = 0x30
const NINE = 0x39
const isDigit = (code: number): boolean => code >= ZERO && code <= NINE

/** The shortest whole number that JavaScript may not hold exactly has as many digits. */
const UNSAFE_DIGITS = 16
/** As many digits on either side of a point may be more than a double can tell from a whole number. */
const MANY_DIGITS = 8

/** Its first character is rarer than digits are, and what is before it keeps words such as 4e5 in strings apart. */
export const EXPONENT = /[eE](?<=(?:^|[\s:,[])-?[0-9][0-9.]*[eE])[-+]?[0-9]/

/**
 * Whether `JSON.parse` surely tells all there is to know of a text: each number looks as it is, and nothing is too deep. It never
 * says so wrongly, but may doubt a text for what its strings hold. Only characters that are rare in documents are looked at: a walk
 * through the parsed value costs several times as much.
 */
export const hasPlainNumbers = (text: string): boolean =>
  !hasLongDigits(text) && !hasDoubtfulPoint(text) && !EXPONENT.test(text) && isShallow(text)

/** A run of so many digits covers one of the characters looked at. */
function hasLongDigits(text: string): boolean {
  for (let at = UNSAFE_DIGITS - 1; at < text.length; at += UNSAFE_DIGITS) {
    if (!isDigit(text.charCodeAt(at))) continue
    let start = at
    let end = at + 1
    while (isDigit(text.charCodeAt(start - 1))) start--
    while (isDigit(text.charCodeAt(end))) end++
    if (end - start >= UNSAFE_DIGITS) return true
  }
  return false
}

/** A point between digits with nothing but zeros behind it, or with many digits on either side. */
function hasDoubtfulPoint(text: string): boolean {
  for (let point = text.indexOf('.'); point >= 0; point = text.indexOf('.', point + 1)) {
    if (!isDigit(text.charCodeAt(point + 1)) || !isDigit(text.charCodeAt(point - 1))) continue
    let end = point + 1
    let zeros = true
    for (let code = text.charCodeAt(end); isDigit(code); code = text.charCodeAt(++end))
      if (code !== ZERO) zeros = false
    let start = point - 1
    while (isDigit(text.charCodeAt(start - 1))) start--
    if (zeros || end - point > MANY_DIGITS || point - start >= MANY_DIGITS) return true
  }
  return false
}

/** Nothing is deeper than there are lists and objects, and as many need twice as many characters. */
function isShallow(text: string): boolean {
  if (text.length <= 2 * MAX_DEPTH) return true
  let opened = 0
  for (const opening of '[{')
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1))
      if (++opened > MAX_DEPTH) return false
  return true
}
