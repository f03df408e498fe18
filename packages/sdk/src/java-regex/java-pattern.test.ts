import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConnectError, codeOf } from '../errors.ts'
import { goldenCases } from '../testing/golden.ts'
import { type JavaPattern, javaPattern } from './java-pattern.ts'

const FILE = new URL('./golden/patterns.json', import.meta.url)

interface Given {
  readonly pattern: string
  readonly texts: readonly string[]
  readonly replacement?: string
}

function answersOf(pattern: JavaPattern, { texts, replacement }: Given): unknown {
  return texts.map((text) => {
    const answer: unknown[] = [pattern.groups(text), pattern.groups(text, 'find')]
    if (replacement === undefined) return answer
    try {
      return [...answer, pattern.replaceFirst(text, replacement)]
    } catch (error) {
      assert.equal(codeOf(error), 'data')
      return [...answer, { error: (error as ConnectError).message }]
    }
  })
}

function compiled(source: string): JavaPattern | string {
  try {
    return javaPattern(source)
  } catch (error) {
    assert.equal(codeOf(error), 'config', source)
    return (error as ConnectError).message
  }
}

test('patterns match what they match in Java', () => {
  for (const item of goldenCases<Given, unknown>(FILE, 'regex')) {
    if (item.error !== undefined) continue
    const pattern = compiled(item.in.pattern)
    const label = `${item.in.pattern}\n${JSON.stringify(item.in)}`
    assert.ok(typeof pattern !== 'string', `${label}: ${JSON.stringify(pattern)}`)
    assert.deepEqual(answersOf(pattern, item.in), item.out, label)
  }
})

test('what is no pattern is refused in the words of Java', () => {
  for (const item of goldenCases<Given, unknown>(FILE, 'regex'))
    if (item.error !== undefined) assert.equal(compiled(item.in.pattern), item.error)
})

test('what cannot be matched as in Java is refused', () => {
  const refused = [
    '\\X',
    '\\b{g}',
    '\\N{DIGIT ONE}',
    '(?c)a',
    '\\p{InGreek}',
    '\\p{blk=Greek}',
    '\\uD83D',
    '(?<=\u{1F600}.)a',
  ]
  for (const pattern of refused)
    assert.match(String(compiled(pattern)), /^Unsupported here, though not in Java: /, pattern)
})
