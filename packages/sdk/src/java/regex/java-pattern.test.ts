import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConnectError, codeOf } from '../../errors.ts'
import { goldenCases } from '../../testing/golden.ts'
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

const matchesOf = (source: string, texts: readonly string[], steps?: number): readonly boolean[] => {
  const pattern = javaPattern(source, steps === undefined ? {} : { steps })
  return texts.map((text) => pattern.matches(text))
}

test('a limit of steps changes nothing about what a pattern matches', () => {
  for (const { in: given, error } of goldenCases<Given, unknown>(FILE, 'regex'))
    if (error === undefined)
      assert.deepEqual(
        matchesOf(given.pattern, given.texts, 1_000_000),
        matchesOf(given.pattern, given.texts),
        given.pattern,
      )
})

test('nor of patterns made at random', () => {
  let state = 1
  const below = (count: number): number => {
    state = (state * 48_271) % 0x7fffffff
    return state % count
  }
  const oneOf = (...choices: readonly string[]): string => choices[below(choices.length)] ?? ''
  const times = () => oneOf('?', '*', '+', '{2}', '{1,3}', '{2,}', '*?', '+?', '??', '{0,2}?', '*+', '?+')
  const random = (depth: number): string => {
    const inner = () => random(depth - 1)
    switch (depth === 0 ? 0 : below(7)) {
      case 1:
      case 2:
        return inner() + inner()
      case 3:
        return `(${inner()}|${inner()})`
      case 4:
        return `(${inner()})${times()}`
      case 5:
        return `(?:${inner()})${times()}`
      case 6:
        return `(${oneOf('?>', '?=', '?!')}${inner()})`
      default:
        return oneOf('a', 'b', '[ab]', '.', '', '^', '$', '\\b', '[^a]')
    }
  }
  for (let round = 0; round < 2000; round++) {
    const source = random(6)
    const texts = Array.from({ length: 4 }, () =>
      Array.from({ length: below(8) }, () => oneOf('a', 'b', 'c')).join(''),
    )
    assert.deepEqual(
      matchesOf(source, texts, 10_000_000),
      matchesOf(source, texts),
      `${source}\n${texts.join()}`,
    )
  }
})

test('with a limit of steps, patterns that Java never comes to an end with do', () => {
  const name = 'a'.repeat(248)
  for (const source of [
    '((a+)+)+[^-]',
    '(a|aa)+!',
    '(a*)*(a*)*(a*)*!',
    '(.*)(.*)(.*)(.*)!',
    '(?>(a|aa)*)*(b|a)*!',
  ])
    assert.deepEqual(matchesOf(source, [`${name}-`], 1_000_000), [false], source)
  assert.deepEqual(matchesOf('((a+)+)+[^-]', [`${name}.`], 1_000_000), [true])
})

test('what still takes more steps is given up, for that text alone', () => {
  for (const source of ['((a+)+)\\1!', `${'a*'.repeat(30)}!`, `(${'(?=a)'.repeat(1000)}a)*!`]) {
    const pattern = javaPattern(source, { steps: 50_000 })
    assert.throws(() => pattern.matches('a'.repeat(100)), {
      code: 'config',
      message: /^The pattern .* takes too long \(more than 50000 steps\) for a+: /,
    })
    assert.equal(pattern.matches('b!'), false)
  }
  const wide = javaPattern(`[${'xyz'.repeat(1000)}a]*`, { steps: 50_000 })
  assert.throws(() => wide.matches('a'.repeat(100)), { code: 'config' })
})
