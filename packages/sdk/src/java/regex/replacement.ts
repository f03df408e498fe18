import { dataError } from '../../errors.ts'

/** The text of a group; null where it took no part. */
export type GroupText = (index: number) => string | null

const isDigit = (char: string | undefined): boolean => char !== undefined && /^[0-9]$/.test(char)

/**
 * The replacement with `$1`, `${name}` and `\` as in Java's `Matcher.replaceFirst`. A number takes as many digits as there are groups
 * for. A mistake shows when it is used, not before; it is then a `data` error with Java's text.
 */
export function expand(
  replacement: string,
  group: GroupText,
  groupCount: number,
  groupNames: ReadonlyMap<string, number>,
): string {
  let result = ''
  let index = 0
  while (index < replacement.length) {
    const char = replacement[index++]
    if (char === '\\') {
      if (index === replacement.length) throw dataError('character to be escaped is missing')
      result += replacement[index++]
    } else if (char === '$') {
      const [number, after] = referenceAt(replacement, index, groupCount, groupNames)
      if (number > groupCount) throw dataError(`No group ${number}`)
      result += group(number) ?? ''
      index = after
    } else result += char
  }
  return result
}

function referenceAt(
  text: string,
  start: number,
  groupCount: number,
  groupNames: ReadonlyMap<string, number>,
): readonly [number, number] {
  if (start === text.length) throw dataError('Illegal group reference: group index is missing')
  if (text[start] === '{') return namedAt(text, start + 1, groupNames)
  if (!isDigit(text[start])) throw dataError('Illegal group reference')
  let index = start + 1
  let number = Number(text[start])
  while (isDigit(text[index])) {
    const longer = number * 10 + Number(text[index])
    if (groupCount < longer) break
    number = longer
    index++
  }
  return [number, index]
}

function namedAt(
  text: string,
  start: number,
  groupNames: ReadonlyMap<string, number>,
): readonly [number, number] {
  const name = /^[A-Za-z0-9]*/.exec(text.slice(start))?.[0] ?? ''
  if (name === '') throw dataError('named capturing group has 0 length name')
  if (text[start + name.length] !== '}') throw dataError("named capturing group is missing trailing '}'")
  if (isDigit(name[0])) throw dataError(`capturing group name {${name}} starts with digit character`)
  const number = groupNames.get(name)
  if (number === undefined) throw dataError(`No group with name {${name}}`)
  return [number, start + name.length + 1]
}
