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
