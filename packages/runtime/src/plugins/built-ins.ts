/**
 * What JavaScript and Node.js bring, as it was before any plugin was imported. Code of plugins can replace it for all code in its thread:
 * what stands here has to work then too, so it uses nothing but what it has taken hold of before.
 */
const { getOwnPropertyDescriptor, getPrototypeOf } = Object
const { ownKeys } = Reflect

const NAMES =
  'Object Function Array String Number Boolean BigInt Symbol Date RegExp Map Set WeakMap WeakSet WeakRef Promise Error TypeError RangeError SyntaxError JSON Math Reflect Proxy ArrayBuffer DataView Uint8Array Int32Array BigInt64Array Buffer AbortController AbortSignal Event EventTarget TextEncoder TextDecoder URL setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask structuredClone parseInt parseFloat'.split(
    ' ',
  )

interface BuiltIn {
  readonly name: string
  readonly owner: object
  readonly key: PropertyKey
  /** The function itself, or what reads it. */
  readonly value: unknown
}

/** Their objects, by the names that are told. */
const owners: { readonly name: string; readonly owner: object }[] = []
const builtIns: BuiltIn[] = []

const standing = (owner: object, key: PropertyKey): unknown => {
  const found = getOwnPropertyDescriptor(owner, key)
  return found?.get ?? found?.value
}
const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** Tools that show other traces set the second. */
const SET_BY_MANY: ReadonlySet<PropertyKey> = new Set(['constructor', 'prepareStackTrace'])

function remember(name: string, owner: object): void {
  owners.push({ name, owner })
  for (const key of ownKeys(owner)) {
    const value = standing(owner, key)
    if (typeof value === 'function' && !SET_BY_MANY.has(key))
      builtIns.push({ name: `${name}.${String(key)}`, owner, key, value })
  }
}
for (const name of NAMES) {
  const value = standing(globalThis, name)
  if (!isObject(value)) continue
  builtIns.push({ name, owner: globalThis, key: name, value })
  remember(name, value)
  const prototype = typeof value === 'function' ? value.prototype : undefined
  if (isObject(prototype)) remember(`${name}.prototype`, prototype)
}
remember('TypedArray.prototype', getPrototypeOf(Uint8Array.prototype))
remember('ArrayIterator.prototype', getPrototypeOf([][Symbol.iterator]()))

/** Of changes to what every object or array has; elsewhere additions disturb nobody. */
const shared: readonly {
  readonly name: string
  readonly owner: object
  readonly keys: readonly PropertyKey[]
}[] = [
  { name: 'Object.prototype', owner: Object.prototype, keys: ownKeys(Object.prototype) },
  { name: 'Array.prototype', owner: Array.prototype, keys: ownKeys(Array.prototype) },
]
const TOLD_MAX = 5

function has(keys: readonly PropertyKey[], key: PropertyKey): boolean {
  for (let at = 0; at < keys.length; at++) if (keys[at] === key) return true
  return false
}

/** What was replaced or removed, and what was added where a loop over any object meets it; null when all is as it was. */
export function changedBuiltIns(): string | null {
  let text = ''
  let count = 0
  const tell = (name: string) => {
    if (++count <= TOLD_MAX) text += (text === '' ? '' : ', ') + name
  }
  for (let at = 0; at < builtIns.length; at++) {
    const { name, owner, key, value } = builtIns[at] as BuiltIn
    if (standing(owner, key) !== value) tell(name)
  }
  for (let at = 0; at < shared.length; at++) {
    const { name, owner, keys } = shared[at] as (typeof shared)[number]
    const now = ownKeys(owner)
    for (let i = 0; i < now.length; i++) {
      const key = now[i] as PropertyKey
      if (!has(keys, key) && getOwnPropertyDescriptor(owner, key)?.enumerable)
        tell(`${name}.${typeof key === 'symbol' ? 'a symbol' : key}`)
    }
  }
  if (count > TOLD_MAX) text += ` and ${count - TOLD_MAX} more`
  return text === '' ? null : text
}
