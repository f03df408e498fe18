import { NUMBER_KIND } from '../schema/schema.ts'

/** Of one value no more is looked at: what has ten thousand sound parts is no mistake of its author. */
const MOST = 10_000
const DEEPEST = 1000

/**
 * What keeps a value without a schema from being written, and where: `.a.b[0] is a function, …`. Looks at every part, so it is for
 * one record of many, and for saying what was wrong after something was.
 */
export function valueFault(value: unknown): string | null {
  return faultIn(value, { left: MOST, around: [] })
}

interface Look {
  left: number
  /** What the value lies in, the outermost first. */
  readonly around: object[]
}

const HOLDS =
  'a value is null, a boolean, number, bigint, string, Uint8Array, Date, array, Map or plain object'

function faultIn(value: unknown, look: Look): string | null {
  if (look.left-- <= 0) return null
  switch (typeof value) {
    case 'function':
      return ` is a function: ${HOLDS}`
    case 'symbol':
      return ` is a symbol: ${HOLDS}`
    case 'object':
      break
    default:
      return null
  }
  if (value === null || value instanceof Uint8Array || NUMBER_KIND in value) return null
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? ' is a Date that is none (its time is NaN)' : null
  if (typeof (value as { then?: unknown }).then === 'function')
    return ' is a promise: await it before the record is handed over'
  if (look.around.includes(value)) return ' holds itself: what goes round in a circle cannot be written'
  if (look.around.length > DEEPEST) return ` lies deeper than ${DEEPEST} levels`
  look.around.push(value)
  const fault = Array.isArray(value)
    ? faultInParts(value.entries(), look, (index) => `[${index}]`)
    : value instanceof Map
      ? (faultInParts([...value.keys()].entries(), look, (index) => ` (key ${index})`) ??
        faultInParts(value, look, (key) => `[${String(key)}]`))
      : faultInObject(value, look)
  look.around.pop()
  return fault
}

function faultInParts<K>(
  parts: Iterable<readonly [K, unknown]>,
  look: Look,
  named: (key: K) => string,
): string | null {
  for (const [key, part] of parts) {
    const fault = faultIn(part, look)
    if (fault !== null) return named(key) + fault
  }
  return null
}

function faultInObject(object: object, look: Look): string | null {
  const prototype: unknown = Object.getPrototypeOf(object)
  // objects of another realm, such as a test runner's, have a prototype of their own that has none
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null)
    return ` is an instance of ${nameOf(prototype)}: ${HOLDS}; of an instance \`{ ...it }\` makes a plain object, and String(it) a text`
  return faultInParts(Object.entries(object), look, (name) => `.${name}`)
}

const nameOf = (prototype: unknown): string => {
  const name: unknown = (prototype as { constructor?: { name?: unknown } }).constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'a class'
}
