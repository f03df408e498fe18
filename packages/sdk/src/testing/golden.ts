import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { codeOf, type ErrorCode } from '../errors.ts'

/** A case answered by Apache Kafka's own classes: `out`, or `error` as `<class>: <message>`. */
export interface GoldenCase<In, Out> {
  readonly op: string
  readonly in: In
  readonly out?: Out
  readonly error?: string
}

export function goldenCases<In, Out>(file: URL, op: string): readonly GoldenCase<In, Out>[] {
  const cases = JSON.parse(readFileSync(file, 'utf8')) as GoldenCase<In, Out>[]
  const chosen = cases.filter((item) => item.op === op)
  assert.ok(chosen.length > 0, `no case of ${op} in ${file.pathname}`)
  return chosen
}

/**
 * Asserts that `actual` answers as Java does. Where Java failed, ours has to fail as well: with the same code and text if Java
 * names what is wrong with the data or the configuration, as users see that.
 */
export function assertGolden<In, Out>(item: GoldenCase<In, Out>, actual: () => unknown): void {
  const label = `${item.op} ${JSON.stringify(item.in)}`
  if (item.error === undefined) {
    assert.deepEqual(byNumber(actual()), byNumber(item.out), label)
    return
  }
  let result: unknown
  try {
    result = actual()
  } catch (error) {
    const [, name, text] = /^(\w+): ([\s\S]*)$/.exec(item.error) ?? []
    const code = CODES[name ?? '']
    if (code === undefined) return
    assert.equal(neutral((error as Error).message), neutral(text ?? ''), label)
    assert.equal(codeOf(error), code, label)
    return
  }
  assert.fail(`${label}: Java fails with ${item.error}, ours answers ${JSON.stringify(result)}`)
}

const CODES: { readonly [exception: string]: ErrorCode } = {
  DataException: 'data',
  SchemaBuilderException: 'data',
  ConfigException: 'config',
}

/** Which of Java's maps a value was in, and at which address an array lay, is of no interest. */
const neutral = (text: string): string =>
  text.replace('LinkedHashMap', 'HashMap').replace(/\[B@[0-9a-f]+/, '[B@…')

/** Java before 19 writes some floating point numbers with more digits than needed: tagged ones compare as numbers. */
function byNumber(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(byNumber)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key === 'float32') return [key, Math.fround(Number(item))]
      return [key, key === 'float64' ? Number(item) : byNumber(item)]
    }),
  )
}
