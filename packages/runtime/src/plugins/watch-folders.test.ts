import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { watchFolders } from './watch-folders.ts'

async function openRig(paths: (root: string) => readonly string[], latestMs = 60_000) {
  const stack = new AsyncDisposableStack()
  const root = await mkdtemp(join(tmpdir(), 'isthmus-watch-'))
  stack.defer(() => rm(root, { recursive: true }))
  await mkdir(join(root, 'a/lib'), { recursive: true })
  await mkdir(join(root, 'a/node_modules/dependency'), { recursive: true })
  await mkdir(join(root, 'a/.hidden'), { recursive: true })
  const told: string[] = []
  let wake = () => {}
  stack.use(
    await watchFolders({
      paths: paths(root),
      matters: (name) => !name.endsWith('.txt'),
      quietMs: 20,
      latestMs,
      changed(all) {
        for (const path of all) told.push(path.slice(root.length + 1))
        wake()
      },
      failed: (folder, error) => assert.fail(`${folder}: ${error.message}`),
    }),
  )
  return {
    write: (path: string) => writeFile(join(root, path), String(performance.now())),
    at: (path: string) => join(root, path),
    /** Resolves when it was told of one of these paths. */
    async heard(...paths: string[]) {
      while (!paths.some((path) => told.includes(path)))
        await new Promise<void>((resolve) => (wake = resolve))
      return told.splice(0)
    },
    told,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

describe('a watch of folders', { timeout: 30_000 }, () => {
  it('tells of files that are written, however deep; not of data, hidden files and what was installed', async () => {
    await using rig = await openRig((root) => [root])
    await rig.write('a/index.ts')
    await rig.heard('a/index.ts')
    for (const path of ['a/out.txt', 'a/.swap', 'a/.hidden/x.ts', 'a/node_modules/dependency/index.js'])
      await rig.write(path)
    await rig.write('a/lib/help.ts')
    assert.deepEqual(new Set(await rig.heard('a/lib/help.ts')), new Set(['a/lib/help.ts']))
    // the end of an installation
    await rig.write('a/node_modules/.package-lock.json')
    await rig.heard('a/node_modules/.package-lock.json')
  })

  it('looks into folders that come, also under a name that was there before', async () => {
    await using rig = await openRig((root) => [root])
    await mkdir(rig.at('version-1.2.txt'))
    await rig.heard('version-1.2.txt')
    await mkdir(rig.at('b/deep'), { recursive: true })
    await rig.heard('b/deep')
    await rig.write('b/deep/index.ts')
    await rig.heard('b/deep/index.ts')
    await mkdir(rig.at('a/.hidden/new/deep'), { recursive: true })
    await rm(rig.at('b'), { recursive: true })
    await rename(rig.at('a/.hidden/new'), rig.at('b'))
    // until it is watched, what is in it is told of by its folder
    await rig.write('b/deep/other.ts')
    await rig.heard('b/deep', 'b/deep/other.ts')
    await rig.write('b/deep/third.ts')
    await rig.heard('b/deep', 'b/deep/third.ts')
  })

  it('follows links, and none in a circle', async () => {
    await using rig = await openRig((root) => [join(root, 'linked')])
    await symlink(rig.at('a'), rig.at('a/lib/round'))
    await symlink(rig.at('a'), rig.at('linked'))
    await rig.heard('linked/lib')
    await rig.write('a/lib/index.ts')
    await rig.heard('linked/lib/index.ts')
  })

  it('tells of changes that never stop as well', async () => {
    await using rig = await openRig((root) => [root], 100)
    let writing = true
    const writer = (async () => {
      while (writing) await rig.write('a/index.ts')
    })()
    await rig.heard('a/index.ts')
    writing = false
    await writer
  })
})
