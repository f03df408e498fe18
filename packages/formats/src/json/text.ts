import { doubleText, floatText } from '@isthmus/sdk/java'

const SURROGATE = /[\ud800-\udfff]/
const AWKWARD = /\\u[0-9a-f]{4}|[\ud800-\udbff][\udc00-\udfff]/g

/**
 * A string as JSON, byte for byte as Java's library writes it. For short strings a look at each character is cheaper than a
 * call into the engine (measured: below some 24 characters).
 */
export function quoted(text: string): string {
  if (text.length <= 24) {
    let index = 0
    for (; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff)) break
    }
    if (index === text.length) return `"${text}"`
  }
  const json = JSON.stringify(text)
  const escapes = json.length !== text.length + 2
  return (escapes && json.includes('\\u')) || SURROGATE.test(json) ? asJava(text) : json
}

/**
 * Where Java differs: capitals in `\u001F`, and every surrogate as an escape of its own. Cut at backslashes first, so that what looks
 * like an escape in the text itself is left alone.
 */
function asJava(text: string): string {
  const parts = text
    .split('\\')
    .map((part) => JSON.stringify(part).slice(1, -1).replace(AWKWARD, capitalEscapes))
  return `"${parts.join('\\\\')}"`
}

function capitalEscapes(match: string): string {
  if (match.startsWith('\\u')) return `\\u${match.slice(2).toUpperCase()}`
  return [0, 1].map((index) => `\\u${match.charCodeAt(index).toString(16).toUpperCase()}`).join('')
}

/** NaN and the infinities have no JSON number; Java writes them as strings. */
export const doubleJson = (value: number): string =>
  Number.isFinite(value) ? doubleText(value) : `"${value}"`
export const floatJson = (value: number): string => {
  const float = Math.fround(value)
  return Number.isFinite(float) ? floatText(float) : `"${float}"`
}
