import assert from 'node:assert/strict'
import type { ObjectStore } from '../s3/object-store.ts'

/** What every bucket does, as tests by name. `open` gives one that is empty. */
export function objectStoreContract(
  open: () => Promise<ObjectStore>,
): readonly { readonly name: string; run(): Promise<void> }[] {
  const contract: [string, (store: ObjectStore) => Promise<void>][] = [
    ['an object is read as it was written, and replaced as a whole', replaced],
    ['an empty object is an object', empty],
    ['an object that is not there is null', missing],
    ['the body that was given may be changed after put has settled', bodyIsNotKept],
    ['an object is read from a byte on, its end and what lies beyond included', fromByte],
    ['five mebibytes come back whole', large],
    ['a listing has what lies directly below a prefix, sorted, with sizes', listing],
    ['a listing goes on after a key, whether there is such an object or not', after],
    ['a prefix need not be a folder', partialPrefix],
    ['a listing of nothing is empty', nothing],
    ['more objects and folders than a page holds are all listed', pages],
    ['keys may have unusual characters', oddKeys],
    ['what is aborted rejects with the reason', aborted],
    ['reading a body ends when it is aborted', abortedBody],
    ['a body need not be read to its end', abandoned],
  ]
  return contract.map(([name, play]) => ({
    name,
    async run() {
      await using store = await open()
      await play(store)
    },
  }))
}

const text = (content: string): Uint8Array => Buffer.from(content)

async function read(store: ObjectStore, key: string, from?: number): Promise<string | null> {
  const object = await store.get(key, from === undefined ? {} : { from })
  if (object === null) return null
  const parts: Uint8Array[] = []
  for await (const part of object.body) parts.push(part)
  return Buffer.concat(parts).toString()
}

async function keys(store: ObjectStore, prefix: string, after?: string): Promise<string[]> {
  const found: string[] = []
  for await (const page of store.list(prefix, after === undefined ? {} : { after }))
    for (const { key } of page) found.push(key)
  return found
}

async function replaced(store: ObjectStore): Promise<void> {
  await store.put('p/a', text('first, and longer'))
  assert.equal(await read(store, 'p/a'), 'first, and longer')
  await store.put('p/a', text('second'))
  assert.equal(await read(store, 'p/a'), 'second')
  assert.equal((await store.get('p/a'))?.size, 6)
}

async function empty(store: ObjectStore): Promise<void> {
  await store.put('p/empty', new Uint8Array(0))
  assert.equal((await store.get('p/empty'))?.size, 0)
  assert.equal(await read(store, 'p/empty'), '')
  assert.deepEqual(await keys(store, 'p/'), ['p/empty'])
}

async function missing(store: ObjectStore): Promise<void> {
  assert.equal(await store.get('none'), null)
  assert.equal(await store.get('none/of/these', { from: 5 }), null)
}

async function bodyIsNotKept(store: ObjectStore): Promise<void> {
  const body = Buffer.from('as it was')
  await store.put('a', body)
  body.fill(0)
  assert.equal(await read(store, 'a'), 'as it was')
}

async function fromByte(store: ObjectStore): Promise<void> {
  await store.put('a', text('0123456789'))
  assert.equal(await read(store, 'a', 0), '0123456789')
  assert.equal(await read(store, 'a', 4), '456789')
  assert.equal((await store.get('a', { from: 4 }))?.size, 10)
  for (const from of [10, 11]) {
    assert.equal(await read(store, 'a', from), '')
    assert.equal((await store.get('a', { from }))?.size, 10)
  }
}

async function large(store: ObjectStore): Promise<void> {
  const body = Buffer.alloc(5 * 1024 * 1024, 'isthmus')
  await store.put('large', body)
  const object = await store.get('large')
  assert.equal(object?.size, body.length)
  let at = 0
  for await (const part of object?.body ?? []) {
    assert.equal(Buffer.compare(part, body.subarray(at, at + part.length)), 0)
    at += part.length
  }
  assert.equal(at, body.length)
}

async function listing(store: ObjectStore): Promise<void> {
  for (const key of ['p/t/0/b', 'p/t/0/a', 'p/t/0/offset/x', 'p/t/1/a', 'p/t/10/a', 'p/u/0/a'])
    await store.put(key, text(key))
  const found: unknown[] = []
  for await (const page of store.list('p/t/0/')) found.push(...page)
  assert.deepEqual(found, [
    { key: 'p/t/0/a', size: 7 },
    { key: 'p/t/0/b', size: 7 },
  ])
  assert.deepEqual(await store.folders('p/'), ['t', 'u'])
  assert.deepEqual(await store.folders('p/t/'), ['0', '1', '10'])
  assert.deepEqual(await store.folders(''), ['p'])
}

async function after(store: ObjectStore): Promise<void> {
  for (const name of ['1-3', '4-7', '8-9']) await store.put(`f/${name}`, text(''))
  assert.deepEqual(await keys(store, 'f/', 'f/4-7'), ['f/8-9'])
  assert.deepEqual(await keys(store, 'f/', 'f/4-5'), ['f/4-7', 'f/8-9'])
  assert.deepEqual(await keys(store, 'f/', 'f/9'), [])
  assert.deepEqual(await keys(store, 'f/', 'a'), ['f/1-3', 'f/4-7', 'f/8-9'])
}

async function partialPrefix(store: ObjectStore): Promise<void> {
  for (const key of ['ab/1', 'ab1', 'ab2', 'b']) await store.put(key, text(''))
  assert.deepEqual(await keys(store, 'ab'), ['ab1', 'ab2'])
  assert.deepEqual(await store.folders('a'), ['b'])
}

async function nothing(store: ObjectStore): Promise<void> {
  assert.deepEqual(await keys(store, 'none/'), [])
  assert.deepEqual(await store.folders('none/'), [])
}

/** A page holds a thousand objects and folders together. */
async function pages(store: ObjectStore): Promise<void> {
  const names = Array.from({ length: 510 }, (_, i) => String(i).padStart(6, '0'))
  for (let i = 0; i < names.length; i += 30)
    await Promise.all(
      names
        .slice(i, i + 30)
        .flatMap((name) => [store.put(`m/${name}`, text('')), store.put(`m/${name}f/x`, text(''))]),
    )
  const sizes: number[] = []
  for await (const page of store.list('m/')) sizes.push(page.length)
  assert.ok(sizes.every((size) => size <= 1000))
  const objects = names.map((name) => `m/${name}`)
  assert.deepEqual(await keys(store, 'm/'), objects)
  assert.deepEqual(await keys(store, 'm/', objects[5]), objects.slice(6))
  assert.deepEqual(
    await store.folders('m/'),
    names.map((name) => `${name}f`),
  )
}

async function oddKeys(store: ObjectStore): Promise<void> {
  const odd = ['a b', 'a+b', 'a%2Bb', 'a&b=c?d', 'grüße/日本', "it's", 'dots...', '<x>', 'a*(b)!~', '.hidden']
  for (const key of odd) await store.put(`o/${key}`, text(key))
  for (const key of odd) assert.equal(await read(store, `o/${key}`), key)
  const direct = odd.filter((key) => !key.includes('/')).map((key) => `o/${key}`)
  assert.deepEqual((await keys(store, 'o/')).sort(), direct.sort())
  assert.deepEqual(await store.folders('o/'), ['grüße'])
}

async function aborted(store: ObjectStore): Promise<void> {
  const reason = new Error('enough')
  const signal = AbortSignal.abort(reason)
  await assert.rejects(store.put('a', text('a'), signal), reason)
  await assert.rejects(store.get('a', { signal }), reason)
  await assert.rejects(store.folders('', signal), reason)
  await assert.rejects(async () => {
    for await (const _ of store.list('', { signal })) assert.fail('a page')
  }, reason)
  assert.equal(await store.get('a'), null)
}

async function abortedBody(store: ObjectStore): Promise<void> {
  await store.put('a', Buffer.alloc(5 * 1024 * 1024))
  const abort = new AbortController()
  const object = await store.get('a', { signal: abort.signal })
  const reason = new Error('enough')
  await assert.rejects(async () => {
    for await (const _ of object?.body ?? []) abort.abort(reason)
  }, reason)
}

async function abandoned(store: ObjectStore): Promise<void> {
  await store.put('a', Buffer.alloc(5 * 1024 * 1024))
  for (let i = 0; i < 3; i++) {
    const object = await store.get('a')
    for await (const _ of object?.body ?? []) break
  }
  assert.equal((await store.get('a'))?.size, 5 * 1024 * 1024)
}
