import type { CharTest } from './syntax.ts'

/** A set in JavaScript's words, which know the same Unicode properties under other names. */
function unicodeSet(content: string): CharTest {
  const pattern = new RegExp(`^[${content}]$`, 'u')
  return (char) => pattern.test(String.fromCodePoint(char))
}

const lazily = (content: string): (() => CharTest) => {
  let set: CharTest | null = null
  return () => {
    set ??= unicodeSet(content)
    return set
  }
}

export const complement =
  (set: CharTest): CharTest =>
  (char) =>
    !set(char)

export const ASCII_DIGIT: CharTest = (char) => char >= 0x30 && char <= 0x39
export const ASCII_SPACE: CharTest = (char) => (char >= 9 && char <= 13) || char === 0x20
export const ASCII_WORD: CharTest = (char) =>
  (char >= 0x61 && char <= 0x7a) || (char >= 0x41 && char <= 0x5a) || ASCII_DIGIT(char) || char === 0x5f
export const HORIZONTAL_SPACE: CharTest = (char) =>
  char === 9 ||
  char === 0x20 ||
  char === 0xa0 ||
  char === 0x1680 ||
  char === 0x180e ||
  (char >= 0x2000 && char <= 0x200a) ||
  char === 0x202f ||
  char === 0x205f ||
  char === 0x3000
export const VERTICAL_SPACE: CharTest = (char) =>
  (char >= 10 && char <= 13) || char === 0x85 || char === 0x2028 || char === 0x2029
export const anyCharacter: CharTest = () => true
export const notLineEnd: CharTest = (char) =>
  char !== 10 && char !== 13 && (char | 1) !== 0x2029 && char !== 0x85
export const notUnixLineEnd: CharTest = (char) => char !== 10

const WHITE_SPACE = '\\p{Z}\\t-\\r\\x85'
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d'
export const UNICODE_DIGIT = lazily('\\p{Nd}')
export const UNICODE_SPACE = lazily(WHITE_SPACE)
export const UNICODE_WORD = lazily(WORD)
const WORD_PART = lazily('\\p{L}\\p{Nd}_')
const MARK = lazily('\\p{Mn}')

/** What `\b` takes for part of a word, unless Unicode's classes are asked for. */
export const isWordPart = (char: number): boolean => (char < 0x80 ? ASCII_WORD(char) : WORD_PART()(char))
export const isMark = (char: number): boolean => char >= 0x300 && MARK()(char)
export const isLetterOrDigit = (char: number): boolean => char !== 0x5f && isWordPart(char)

const CATEGORIES = new Set(
  'Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi Pf L M N Z C P S LC'.split(
    ' ',
  ),
)
const CASED_CATEGORIES = new Set(['Lu', 'Ll', 'Lt'])

const ASCII_CLASSES: { readonly [name: string]: string } = {
  ASCII: '\\x00-\\x7f',
  Alnum: '0-9A-Za-z',
  Alpha: 'A-Za-z',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1f\\x7f',
  Digit: '0-9',
  Graph: '!-~',
  Lower: 'a-z',
  Print: ' -~',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Space: '\\t-\\r ',
  Upper: 'A-Z',
  XDigit: '0-9A-Fa-f',
  L1: '\\x00-\\xff',
  LD: '\\p{L}\\p{Nd}',
}

const IGNORABLE = '\\x00-\\x08\\x0e-\\x1b\\x7f-\\x9f\\p{Cf}'
const JAVA_CLASSES: { readonly [name: string]: string } = {
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaAlphabetic: '\\p{Alphabetic}',
  javaIdeographic: '\\p{Ideographic}',
  javaTitleCase: '\\p{Lt}',
  javaDigit: '\\p{Nd}',
  javaDefined: '\\P{Cn}',
  javaLetter: '\\p{L}',
  javaLetterOrDigit: '\\p{L}\\p{Nd}',
  javaJavaIdentifierStart: '\\p{L}\\p{Nl}\\p{Sc}\\p{Pc}',
  javaJavaIdentifierPart: `\\p{L}\\p{Nl}\\p{Sc}\\p{Pc}\\p{Nd}\\p{Mc}\\p{Mn}${IGNORABLE}`,
  javaUnicodeIdentifierStart: '\\p{ID_Start}',
  javaUnicodeIdentifierPart: `\\p{ID_Continue}${IGNORABLE}`,
  javaIdentifierIgnorable: IGNORABLE,
  javaSpaceChar: '\\p{Z}',
  javaWhitespace: ' \\u1680\\u2000-\\u2006\\u2008-\\u200a\\u205f\\u3000\\u2028\\u2029\\t-\\r\\x1c-\\x1f',
  javaISOControl: '\\x00-\\x1f\\x7f-\\x9f',
  javaMirrored: '\\p{Bidi_Mirrored}',
}
const CASED_JAVA_CLASSES = new Set(['javaLowerCase', 'javaUpperCase', 'javaTitleCase'])

const PUNCTUATION = '\\p{P}'
const HEX_DIGIT = '\\p{Nd}0-9A-Fa-f\\uff10-\\uff19\\uff21-\\uff26\\uff41-\\uff46'
const POSIX: { readonly [name: string]: string } = {
  ALPHA: '\\p{Alphabetic}',
  LOWER: '\\p{Lowercase}',
  UPPER: '\\p{Uppercase}',
  SPACE: WHITE_SPACE,
  PUNCT: PUNCTUATION,
  XDIGIT: HEX_DIGIT,
  ALNUM: '\\p{Alphabetic}\\p{Nd}',
  CNTRL: '\\p{Cc}',
  DIGIT: '\\p{Nd}',
  BLANK: '\\p{Zs}\\t',
  GRAPH: '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}',
  PRINT: '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}\\p{Zs}',
}
const UNICODE: { readonly [name: string]: string } = {
  ALPHABETIC: '\\p{Alphabetic}',
  ASSIGNED: '\\P{Cn}',
  CONTROL: '\\p{Cc}',
  HEXDIGIT: HEX_DIGIT,
  HEX_DIGIT,
  IDEOGRAPHIC: '\\p{Ideographic}',
  JOINCONTROL: '\\u200c\\u200d',
  JOIN_CONTROL: '\\u200c\\u200d',
  LETTER: '\\p{L}',
  LOWERCASE: '\\p{Lowercase}',
  NONCHARACTERCODEPOINT: '\\p{Noncharacter_Code_Point}',
  NONCHARACTER_CODE_POINT: '\\p{Noncharacter_Code_Point}',
  TITLECASE: '\\p{Lt}',
  PUNCTUATION,
  UPPERCASE: '\\p{Uppercase}',
  WHITESPACE: WHITE_SPACE,
  WHITE_SPACE,
  WORD,
}
const CASED_UNICODE = new Set(['LOWER', 'UPPER', 'LOWERCASE', 'UPPERCASE', 'TITLECASE'])
const ANY_CASE = '\\p{Lowercase}\\p{Uppercase}\\p{Lt}'

/** `\p{name}`: general categories, the classes of POSIX in ASCII, and those of `java.lang.Character`. */
export function namedProperty(name: string, ignoreCase: boolean): CharTest | null {
  if (name === 'all') return anyCharacter
  if (CATEGORIES.has(name))
    return unicodeSet(ignoreCase && CASED_CATEGORIES.has(name) ? '\\p{LC}' : `\\p{${name}}`)
  if (Object.hasOwn(ASCII_CLASSES, name)) {
    const cased = ignoreCase && (name === 'Lower' || name === 'Upper')
    return unicodeSet(ASCII_CLASSES[cased ? 'Alpha' : name] ?? '')
  }
  if (!Object.hasOwn(JAVA_CLASSES, name)) return null
  return unicodeSet(ignoreCase && CASED_JAVA_CLASSES.has(name) ? ANY_CASE : (JAVA_CLASSES[name] ?? ''))
}

export function posixProperty(name: string, ignoreCase: boolean): CharTest | null {
  return propertyOf(POSIX, name, ignoreCase)
}

/** `\p{Isname}` */
export function unicodeProperty(name: string, ignoreCase: boolean): CharTest | null {
  return propertyOf(UNICODE, name, ignoreCase) ?? posixProperty(name, ignoreCase)
}

function propertyOf(
  table: { readonly [name: string]: string },
  name: string,
  ignoreCase: boolean,
): CharTest | null {
  const upper = name.toUpperCase()
  if (!Object.hasOwn(table, upper)) return null
  return unicodeSet(ignoreCase && CASED_UNICODE.has(upper) ? ANY_CASE : (table[upper] ?? ''))
}

/** `\p{IsLatin}`, `\p{script=latn}`: in any case. */
export function scriptProperty(name: string): CharTest | null {
  const titled = name.toLowerCase().replace(/(^|_)([a-z])/g, (_, gap, letter) => gap + letter.toUpperCase())
  if (!/^[A-Za-z_]+$/.test(titled)) return null
  try {
    return unicodeSet(`\\p{Script=${titled}}`)
  } catch {
    return null
  }
}
