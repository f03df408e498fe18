/** Texts with what is secret taken out of them: what stands in its place is `[hidden]`, or the variable that it is the value of. */
export type Hide = (text: string) => string

/** A secret and what is shown instead. */
export type Hidden = readonly [value: string, shown: string]

/** From here on a value is hidden wherever it turns up; a shorter one may be part of any word, and is hidden as a word. */
const TELLING = 8
/** Below this a value is looked for only where values stand: `a` is a word of its own. */
const WORD = 4

/** Beyond this a pattern of all forms would be too large: keys are as long, and are hidden line by line too. */
const LONG = 500

/** Longest first, so that a secret with another one in it is hidden whole. */
export function hiding(secrets: Iterable<Hidden>): Hide {
  const rules = [...secrets].sort(([a], [b]) => b.length - a.length).map(ruleOf)
  return (text) => rules.reduce((shown, rule) => rule(shown), text)
}

function ruleOf([value, shown]: Hidden): Hide {
  const anyWhere = value.length > LONG ? asWritten(value, shown) : anyFormOf(value, shown)
  const base64 = base64RuleOf(value, shown)
  return (text) => base64(anyWhere(text))
}

function asWritten(value: string, shown: string): Hide {
  const forms = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])
  return (text) =>
    [...forms].reduce((told, form) => (told.includes(form) ? told.replaceAll(form, () => shown) : told), text)
}

function anyFormOf(value: string, shown: string): Hide {
  const pattern = new RegExp(bounded(value, [...value].map(anyForm).join('')), 'gu')
  const short = value.length < TELLING
  return (text) => {
    const encoded = text.includes('%') || text.includes('\\')
    return short || encoded || text.includes(value) ? text.replaceAll(pattern, () => shown) : text
  }
}

function bounded(value: string, pattern: string): string {
  if (value.length >= TELLING) return pattern
  if (value.length >= WORD) return `(?<![\\p{L}\\p{N}_])${pattern}(?![\\p{L}\\p{N}_])`
  return `(?<=[="'\`:])${pattern}(?=$|["'\`,;&@\\s)}\\]])|(?<=^|: )${pattern}(?=$|\\n)`
}

/** A character as it is, as JSON or another text writes it in quotes, however deep, or percent-encoded. */
function anyForm(char: string): string {
  const bytes = [...Buffer.from(char)].map((byte) => percent(byte)).join('')
  const inQuotes = ESCAPES[char]
  const plus = char === ' ' ? '|\\+' : ''
  const quoted = inQuotes === undefined ? '' : `|\\\\+${inQuotes}`
  return `(?:${literal(char)}|${bytes}${plus}${quoted})`
}

const ESCAPES: { readonly [char: string]: string } = {
  '"': '"',
  "'": "'",
  '\\': '\\\\',
  '/': '/',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
}

const literal = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
/** Its digits are letters of either case. */
const percent = (byte: number): string =>
  `%${byte
    .toString(16)
    .padStart(2, '0')
    .replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)}`

/** Where in a word of Base64 a value may begin: what of its digits depends on nothing around it. */
function base64RuleOf(value: string, shown: string): Hide {
  const bytes = Buffer.from(value)
  const digits = new Set<string>()
  for (let before = 0; before < 3; before++) {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url')
    const own = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    digits.add(own).add(own.replaceAll('-', '+').replaceAll('_', '/'))
  }
  if (value.length < WORD) return (text) => text
  const isSecret = (word: string) => value.length >= TELLING || Buffer.from(word, 'base64').includes(bytes)
  return (text) => {
    let told = text
    for (const own of digits)
      if (told.includes(own))
        told = told.replaceAll(BASE64, (word) => (word.includes(own) && isSecret(word) ? shown : word))
    return told
  }
}
const BASE64 = /[A-Za-z0-9+/_-]{6,}={0,2}/g
