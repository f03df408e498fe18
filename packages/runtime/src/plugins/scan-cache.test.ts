import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { scanApart } from './scan-apart.ts'
import { openScanCache } from './scan-cache.ts'
import { stampOf } from './stamp.ts'

async function rig() {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-cache-'))
  const cache = join(path, 'cache')
  const write = (name: string, content: string) => writeFile(join(path, name), content)
  /** The time of the import is what a plugin has as its version: the same one again was not imported. */
  const scan = async () => {
    const paths = [join(path, 'p.mjs')]
    const { plugins, warnings } = await scanApart({ packages: [], paths }, {}, () => openScanCache(cache))
    return { version: plugins[0]?.version, warnings }
  }
  const root = import.meta.filename
  const { text: stamp } = stampOf(root)
  const candidate = (module = 'm') => ({ module, location: root, root, stamp, whole: true })
  return { cache, write, scan, candidate, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
const TIMED = `import { stamp } from './helper.mjs'
export const T = { type: 'predicate', class: 'my.T', version: stamp + performance.timeOrigin, config: {}, open() {} }`

describe('what was scanned before', () => {
  it('is not imported again while the files are the same, those that it imports too', async () => {
    await using given = await rig()
    await given.write('p.mjs', TIMED)
    await given.write('helper.mjs', `export const stamp = 'a'`)
    const first = await given.scan()
    assert.match(first.version ?? '', /^a/)
    assert.deepEqual(await given.scan(), first)
    await given.write('helper.mjs', `export const stamp = 'b'`)
    assert.match((await given.scan()).version ?? '', /^b/)
    await given.write('helper.mjs', `export const stamp = 'a'`)
    assert.deepEqual(await given.scan(), first, 'the content is what counts')
  })

  it('is not known where the cache holds what it has not written, and where it cannot be written', async () => {
    await using given = await rig()
    const cache = openScanCache(given.cache)
    const plugin = { kind: 'module', type: 'predicate', class: 'my.T', version: null, export: 'T' } as const
    const found = { plugins: [plugin], warnings: [] }
    cache.write(given.candidate(), found)
    assert.deepEqual(cache.read(given.candidate()), found)
    const [name = ''] = await readdir(given.cache)
    const file = join(given.cache, name)
    const whole = await readFile(file, 'utf8')
    for (const other of [
      '',
      whole.slice(0, 40),
      '{}',
      'null',
      whole.replace('predicate', 'none'),
      whole.replace('my.T', 'my.U'),
      '\0'.repeat(100),
    ]) {
      await writeFile(file, other)
      assert.equal(cache.read(given.candidate()), null, other)
    }
    cache.write(given.candidate('other'), { plugins: [], warnings: [] })
    const of = (await readdir(given.cache)).find((one) => one !== name) ?? ''
    await rename(join(given.cache, of), file)
    assert.equal(cache.read(given.candidate()), null, 'of another module')
    await rm(given.cache, { recursive: true })
    await given.write('cache', 'a file where the folder is to be')
    cache.write(given.candidate(), found)
    assert.equal(cache.read(given.candidate()), null)
  })

  it('is looked at again where something was wrong', async () => {
    await using given = await rig()
    await given.write('p.mjs', TIMED)
    await given.write('helper.mjs', 'export const stamp = 1; throw new Error("not today")')
    for (const _ of [1, 2]) assert.match((await given.scan()).warnings[0] ?? '', /not today/)
  })

  it('is written by several workers at once, whole', async () => {
    await using given = await rig()
    await given.write('p.mjs', TIMED)
    await given.write('helper.mjs', `export const stamp = 'a'`)
    const all = await Promise.all([1, 2].map(() => given.scan()))
    const last = await given.scan()
    assert.ok(all.some(({ version }) => version === last.version))
    assert.equal((await readdir(given.cache)).length, 1)
  })

  it('is forgotten, the oldest first, where it is too much', async () => {
    await using given = await rig()
    const cache = openScanCache(given.cache)
    const nothing = { plugins: [], warnings: [] }
    cache.write(given.candidate('old'), nothing)
    const [old = ''] = await readdir(given.cache)
    await utimes(join(given.cache, old), 1, 1)
    for (let at = 0; at < 2000; at++) await writeFile(join(given.cache, `${at}.json`), '')
    cache.write(given.candidate('new'), nothing)
    assert.equal(cache.read(given.candidate('old')), null)
    assert.deepEqual(cache.read(given.candidate('new')), nothing)
    assert.ok((await readdir(given.cache)).length <= 1100)
  })
})
