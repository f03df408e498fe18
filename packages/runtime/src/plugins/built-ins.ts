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

/** Nothing runs without these; a polyfill that replaces one of them still does what it must. */
const PROBES: { readonly [name: string]: () => boolean } = {
  'JSON.parse': () => JSON.parse('{"a":[1]}').a[0] === 1,
  'JSON.stringify': () => JSON.stringify({ a: [1, 'b'] }) === '{"a":[1,"b"]}',
  'Object.keys': () => Object.keys({ a: 1 })[0] === 'a',
  'Object.entries': () => Object.entries({ a: 1 })[0]?.[1] === 1,
  'Object.fromEntries': () => Object.fromEntries([['a', 1]])['a'] === 1,
  'Object.hasOwn': () => Object.hasOwn({ a: 1 }, 'a') && !Object.hasOwn({}, 'a'),
  'Object.assign': () => Object.assign({ a: 1 }, { b: 2 }).b === 2,
  'Array.isArray': () => Array.isArray([]) && !Array.isArray({}),
  'Array.from': () => Array.from([1, 2])[1] === 2,
  'Array.prototype.map': () => [1, 2].map((n) => n * 2)[1] === 4,
  'Array.prototype.flatMap': () => [1, 2].flatMap((n) => [n, n])[3] === 2,
  'Array.prototype.filter': () => [1, 2].filter((n) => n > 1)[0] === 2,
  'Array.prototype.find': () => [1, 2].find((n) => n > 1) === 2,
  'Array.prototype.some': () => [1, 2].some((n) => n > 1) && ![1].some((n) => n > 1),
  'Array.prototype.every': () => [1, 2].every((n) => n > 0) && ![1].every((n) => n > 1),
  'Array.prototype.includes': () => [1, 2].includes(2) && ![1].includes(2),
  'Array.prototype.join': () => ['a', 'b'].join('-') === 'a-b',
  'Array.prototype.slice': () => [1, 2, 3].slice(1)[0] === 2,
  'Array.prototype.push': () => {
    const list = [1]
    return list.push(2) === 2 && list[1] === 2
  },
  'String.prototype.split': () => 'a.b'.split('.')[1] === 'b',
  'String.prototype.slice': () => 'abc'.slice(1) === 'bc',
  'String.prototype.replace': () => 'abc'.replace('b', 'x') === 'axc',
  'Map.prototype.get': () => new Map([['a', 1]]).get('a') === 1,
  'Map.prototype.set': () => new Map<string, number>().set('a', 1).size === 1,
  'Set.prototype.has': () => new Set(['a']).has('a'),
  'Promise.prototype.then': () => typeof Promise.resolve(1).then(() => {}).then === 'function',
  'Promise.withResolvers': () => typeof Promise.withResolvers().resolve === 'function',
  'Buffer.from': () => Buffer.from('ab').length === 2,
  'Date.now': () => Date.now() > 0,
  setTimeout: () => {
    const timer = setTimeout(() => {}, 60_000)
    clearTimeout(timer)
    return typeof timer.unref === 'function'
  },
}
const probes = Object.entries(PROBES)

/** What no longer does what it must; null when all does that was asked. */
export function brokenBuiltIn(): string | null {
  for (let at = 0; at < probes.length; at++) {
    const { 0: name, 1: works } = probes[at] as (typeof probes)[number]
    try {
      if (works()) continue
    } catch {
      // it is broken
    }
    return name
  }
  return null
}
