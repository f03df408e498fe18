import type { CharTest } from './syntax.ts'

const isAsciiUpper = (char: number): boolean => char >= 0x41 && char <= 0x5a
const isAsciiLower = (char: number): boolean => char >= 0x61 && char <= 0x7a
const asciiLower = (char: number): number => (isAsciiUpper(char) ? char + 32 : char)
const asciiUpper = (char: number): number => (isAsciiLower(char) ? char - 32 : char)

/** One character for one, as Java's `Character` has it; what JavaScript maps to several stays as it is. */
function toUpper(char: number): number {
  if (char < 0x80) return asciiUpper(char)
  // Greek letters with iota subscript have capitals of their own.
  if ((char >= 0x1f80 && char <= 0x1faf) || char === 0x1fb3 || char === 0x1fc3 || char === 0x1ff3) {
    if (char > 0x1faf) return char + 9
    return char & 8 ? char : char + 8
  }
  return single(char, String.fromCodePoint(char).toUpperCase())
}

function toLower(char: number): number {
  if (char < 0x80) return asciiLower(char)
  return char === 0x130 ? 0x69 : single(char, String.fromCodePoint(char).toLowerCase())
}

function single(char: number, mapped: string): number {
  const code = mapped.codePointAt(0) ?? char
  return mapped.length === (code > 0xffff ? 2 : 1) ? code : char
}

const folded = (char: number): number => toLower(toUpper(char))

/** Which characters count as the same as one another. */
export type CaseRule = 'exact' | 'ascii' | 'unicode'

export function sameCharacter(rule: CaseRule): (a: number, b: number) => boolean {
  if (rule === 'exact') return (a, b) => a === b
  if (rule === 'ascii') return (a, b) => a === b || asciiLower(a) === asciiLower(b)
  return (a, b) => a === b || folded(a) === folded(b)
}

export function oneCharacter(char: number, rule: CaseRule): CharTest {
  if (rule === 'unicode' && toUpper(char) !== folded(char)) {
    const lower = folded(char)
    return (other) => other === lower || folded(other) === lower
  }
  if (rule === 'ascii' && asciiLower(char) !== asciiUpper(char))
    return (other) => asciiLower(other) === asciiLower(char)
  return (other) => other === char
}

export function characterRange(from: number, to: number, rule: CaseRule): CharTest {
  const inside: CharTest = (char) => char >= from && char <= to
  if (rule === 'exact') return inside
  if (rule === 'ascii')
    return (char) => inside(char) || (char < 0x80 && (inside(asciiUpper(char)) || inside(asciiLower(char))))
  return (char) => inside(char) || inside(toUpper(char)) || inside(folded(char))
}
