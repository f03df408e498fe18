import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { offsetStoreContract } from '../../testing/stores-contract.ts'
import { openFileOffsets } from './file.ts'
import { decodeBytesMap, encodeBytesMap } from './java-map.ts'

async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-offsets-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

offsetStoreContract('a file', async () => {
  const place = await folder()
  return {
    open: () => openFileOffsets(join(place.path, 'offsets')),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  }
})

/** `new ObjectOutputStream(…).writeObject(map)` of Java 17, maps of one entry, and of none. */
const GOLDEN_ONE =
  'aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c77080000001000000001757200025b42acf317f8060854e00200007870000000165b2263222c7b2266696c656e616d65223a2266227d5d7571007e00020000000e7b22706f736974696f6e223a357d78'
const GOLDEN_NONE =
  'aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f400000000000007708000000100000000078'
/** Two keys that share one value array, to which Java refers back, and one with null. */
const GOLDEN_SHARED =
  'aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c77080000001000000003757200025b42acf317f8060854e002000078700000000d5b2263222c7b2266223a337d5d707571007e00020000000d5b2263222c7b2266223a327d5d7571007e00020000000e7b22706f736974696f6e223a377d7571007e00020000000d5b2263222c7b2266223a317d5d71007e000578'

describe('the offsets file of Java workers', () => {
  it('is read, and written byte for byte the same', async () => {
    await using place = await folder()
    const path = join(place.path, 'offsets')
    await writeFile(path, Buffer.from(GOLDEN_ONE, 'hex'))
    await using store = await openFileOffsets(path)
    assert.deepEqual(await store.read('c', [{ filename: 'f' }]), [{ position: 5 }])
    await store.write('c', [[{ filename: 'f' }, { position: 5 }]])
    assert.equal((await readFile(path)).toString('hex'), GOLDEN_ONE)
    assert.deepEqual(await readdir(place.path), ['offsets'])
  })

  it('may refer back to an array and hold null', async () => {
    await using place = await folder()
    const path = join(place.path, 'offsets')
    await writeFile(path, Buffer.from(GOLDEN_SHARED, 'hex'))
    await using store = await openFileOffsets(path)
    assert.deepEqual(await store.read('c', [{ f: 1 }, { f: 2 }, { f: 3 }]), [
      { position: 7 },
      { position: 7 },
      null,
    ])
  })

  it('may be empty or hold an empty map', async () => {
    await using place = await folder()
    const path = join(place.path, 'offsets')
    assert.equal(encodeBytesMap([]).toString('hex'), GOLDEN_NONE)
    for (const bytes of ['', GOLDEN_NONE]) {
      await writeFile(path, Buffer.from(bytes, 'hex'))
      await using store = await openFileOffsets(path)
      assert.deepEqual(await store.all('c'), [])
    }
  })

  it('is refused with a clear message when it is something else, cut short at any byte included', async () => {
    await using place = await folder()
    const path = join(place.path, 'offsets')
    const whole = Buffer.from(GOLDEN_ONE, 'hex')
    for (let length = 1; length < whole.length; length++)
      assert.throws(() => decodeBytesMap(whole.subarray(0, length)), { code: 'data' })
    await writeFile(path, 'bootstrap.servers=x')
    await assert.rejects(openFileOffsets(path), {
      message:
        /^Failed to read the offsets file .*offset\.storage\.file\.filename.*does not start as a Java HashMap/,
    })
  })

  it('keeps entries it does not understand, and the key bytes of others', async () => {
    await using place = await folder()
    const path = join(place.path, 'offsets')
    const odd = [Buffer.from('not json'), Buffer.from('whatever')] as const
    const spaced = [Buffer.from('["c", {"b":1, "a":2}]'), Buffer.from('{"x":1}')] as const
    await writeFile(path, encodeBytesMap([odd, spaced]))
    {
      await using store = await openFileOffsets(path)
      await store.write('c', [[{ a: 2, b: 1 }, { x: 2 }]])
    }
    assert.deepEqual(
      decodeBytesMap(await readFile(path)).map(([key, value]) => [String(key), String(value)]),
      [
        ['not json', 'whatever'],
        ['["c", {"b":1, "a":2}]', '{"x":2}'],
      ],
    )
  })

  it('is whole after a crash at any step of a write: what is half written beside it is not looked at', async () => {
    await using place = await folder()
    const path = join(place.path, 'offsets')
    await writeFile(path, Buffer.from(GOLDEN_ONE, 'hex'))
    await writeFile(`${path}.tmp`, 'half of a write that a crash cut sho')
    await using store = await openFileOffsets(path)
    assert.deepEqual(await store.read('c', [{ filename: 'f' }]), [{ position: 5 }])
    await store.write('c', [[{ filename: 'f' }, { position: 6 }]])
    assert.deepEqual(await readdir(place.path), ['offsets'])
    await using again = await openFileOffsets(path)
    assert.deepEqual(await again.read('c', [{ filename: 'f' }]), [{ position: 6 }])
  })

  it('holds what is shown of it, so that a kill takes nothing back that a user has seen', async () => {
    await using place = await folder()
    const path = join(place.path, 'offsets')
    await using store = await openFileOffsets(path)
    const at = (position: number) => [[{ f: 1 }, { position }] as const]
    await store.write('c', at(1))
    const writing = store.write('c', at(2))
    assert.deepEqual(await store.all('c'), at(1))
    await writing
    assert.deepEqual(await store.all('c'), at(2))
    await symlink('/dev/full', `${path}.tmp`)
    await assert.rejects(store.write('c', at(3)), { message: /ENOSPC/ })
    assert.deepEqual(await store.all('c'), at(2))
    await using after = await openFileOffsets(path)
    assert.deepEqual(await after.all('c'), at(2))
  })

  it('is unharmed by a disk that is full, and holds what was not stored with the next write', async () => {
    await using place = await folder()
    const path = join(place.path, 'offsets')
    await using store = await openFileOffsets(path)
    await store.write('c', [[{ a: 1 }, { position: 1 }]])
    const whole = await readFile(path)
    await symlink('/dev/full', `${path}.tmp`)
    const attempts = [2, 3].map((position) => store.write('c', [[{ a: position }, { position }]]))
    for (const attempt of attempts) await assert.rejects(attempt, { message: /ENOSPC/ })
    assert.deepEqual(await readFile(path), whole)
    await rm(`${path}.tmp`)
    await store.write('c', [[{ a: 4 }, { position: 4 }]])
    await using again = await openFileOffsets(path)
    assert.deepEqual(
      await again.read('c', [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]),
      [1, 2, 3, 4].map((position) => ({ position })),
    )
  })

  it('stays where a link points to', async () => {
    await using place = await folder()
    await writeFile(join(place.path, 'real'), Buffer.from(GOLDEN_ONE, 'hex'))
    const link = join(place.path, 'offsets')
    await symlink('real', link)
    await using store = await openFileOffsets(link)
    await store.write('c', [[{ filename: 'f' }, { position: 6 }]])
    assert.equal(await readlink(link), 'real')
    await using real = await openFileOffsets(join(place.path, 'real'))
    assert.deepEqual(await real.read('c', [{ filename: 'f' }]), [{ position: 6 }])
  })

  it('says why it cannot be written', async () => {
    await using place = await folder()
    const path = join(place.path, 'missing', 'offsets')
    await using store = await openFileOffsets(path)
    await assert.rejects(store.write('c', [[{ a: 1 }, { b: 1 }]]), {
      message: /^Failed to write the offsets file .*ENOENT/,
    })
  })
})
