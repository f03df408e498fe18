import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { stampOf } from './stamp.ts'

async function place() {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-stamp-'))
  const write = async (name: string, content: string) => {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), content)
  }
  return {
    at: (name: string) => join(path, name),
    write,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

describe('the stamp of a plugin', () => {
  it('is another one after each change of its code, though size and time are as before, and the same without', async () => {
    await using given = await place()
    const file = given.at('p/lib/helper.ts')
    const write = async (content: string) => {
      await given.write('p/lib/helper.ts', content)
      await utimes(file, 1, 1)
    }
    await given.write('p/index.ts', "export * from './lib/helper.ts'")
    await write('export const version = 1')
    const before = stampOf(given.at('p')).text
    await write('export const version = 2')
    const changed = stampOf(given.at('p')).text
    assert.notEqual(changed, before)
    await given.write('p/package.json', '{}')
    const more = stampOf(given.at('p')).text
    assert.notEqual(more, changed)
    await rename(file, given.at('p/lib/renamed.ts'))
    assert.notEqual(stampOf(given.at('p')).text, more)
    await rename(given.at('p/lib/renamed.ts'), file)
    await rm(given.at('p/package.json'))
    await write('export const version = 1')
    assert.deepEqual(stampOf(given.at('p')), { text: before, whole: true })
  })

  it('is of what was installed for it as well, and of what it imports from outside', async () => {
    await using given = await place()
    await given.write('p/index.ts', "import '../shared/a.js'\nrequire('../shared/left-out')")
    const stamps = new Set<string>()
    const changed = (what: string) => {
      const { text } = stampOf(given.at('p'))
      assert.ok(!stamps.has(text), what)
      stamps.add(text)
    }
    changed('nothing yet')
    await given.write('shared/a.js', '1')
    changed('an import')
    await given.write('shared/a.js', "import './b.js'")
    changed('an import of that')
    await given.write('shared/b.js', '1')
    changed('what that imports')
    await given.write('shared/left-out.cjs', '1')
    changed('a name without an extension')
    await given.write('p/node_modules/.package-lock.json', '{}')
    changed('an installation')
    await given.write('node_modules/.package-lock.json', '{}')
    changed('one above')
  })

  it('is of what is imported from beside the place that a link leads to', async () => {
    await using given = await place()
    await given.write('store/p/index.ts', "import '../shared.ts'")
    await given.write('store/one.ts', "import './shared.ts'")
    await given.write('path/c/index.ts', "import './linked.ts'")
    await symlink('../store/p', given.at('path/a'))
    await symlink('../store/one.ts', given.at('path/b.ts'))
    await symlink('../../store/one.ts', given.at('path/c/linked.ts'))
    const stamps = () => ['path/a', 'path/b.ts', 'path/c'].map((name) => stampOf(given.at(name)).text)
    await given.write('store/shared.ts', '1')
    const before = stamps()
    await given.write('store/shared.ts', '2')
    for (const [at, text] of stamps().entries()) assert.notEqual(text, before[at])
  })

  it('is not of the data beside the code, and takes loops of links and files that are gone', async () => {
    await using given = await place()
    await given.write('p/index.ts', '')
    await symlink('.', given.at('p/loop'))
    await symlink('..', given.at('p/up'))
    await symlink('nowhere', given.at('p/broken.ts'))
    const before = stampOf(given.at('p'))
    assert.equal(before.whole, true)
    await given.write('p/output.txt', 'a line')
    await given.write('p/.git/config.json', '{}')
    assert.deepEqual(stampOf(given.at('p')), before)
    stampOf(given.at('gone'))
  })

  it('of a single file is that of the file and its imports, not of its neighbours', async () => {
    await using given = await place()
    await given.write('a.ts', "export { b } from './b.ts'")
    await given.write('b.ts', 'export const b = 1')
    const before = stampOf(given.at('a.ts'))
    await given.write('c.ts', '')
    assert.deepEqual(stampOf(given.at('a.ts')), before)
    await given.write('b.ts', 'export const b = 2')
    assert.notEqual(stampOf(given.at('a.ts')).text, before.text)
  })
})
