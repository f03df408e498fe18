/** JSON as Jackson writes it, byte for byte: workers of both kinds compare and compact what the other has written. */

/** Numbers must be whole; a property that is undefined is left out. */
export function jsonText(value: unknown): string {
  return asJackson(JSON.stringify(value))
}

export const jsonString = (text: string): string => asJackson(JSON.stringify(text))

/** Characters beyond the BMP are written as two escapes; those of control characters and of halves of characters have upper-case digits. */
function asJackson(json: string): string {
  return DIFFERS.test(json)
    ? json
        .replaceAll(
          /[\u{10000}-\u{10FFFF}]/gu,
          (char) => escape16(char.charCodeAt(0)) + escape16(char.charCodeAt(1)),
        )
        // one escape after the other: what looks like one behind a backslash that is text itself is none
        .replaceAll(ESCAPE, (whole, digits: string | undefined) =>
          digits === undefined ? whole : `\\u${digits.toUpperCase()}`,
        )
    : json
}
const DIFFERS = /[\u{10000}-\u{10FFFF}]|\\u(?:00|d)/u
const ESCAPE = /\\(?:u((?:00|d[89a-f])[0-9a-f]{2})|[\s\S])/g
const escape16 = (unit: number) => `\\u${unit.toString(16).toUpperCase().padStart(4, '0')}`
