import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { indexedPlugins } from './plugin-index.ts'
import { scanPlugins } from './scan.ts'

describe('the index of a package', () => {
  for (const name of [
    '@isthmus/builtin',
    '@isthmus/formats',
    '@isthmus/connector-s3',
    '@isthmus/connector-kinetica',
  ])
    it(`says what a scan of ${name} finds; node scripts/plugins.ts writes it anew`, async () => {
      const entry = import.meta.resolve(name)
      const scan = await scanPlugins({ packages: [entry], paths: [] })
      assert.deepEqual(await indexedPlugins(entry), scan.plugins)
    })

  it('does not count when it is about other modules than the manifest', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'isthmus-index-'))
    const plugin = {
      kind: 'module',
      type: 'transformation',
      class: 'x.A',
      version: '1',
      module: './a.ts',
      export: 'A',
    }
    const manifest = (plugins: readonly string[]) =>
      writeFile(join(folder, 'package.json'), JSON.stringify({ isthmus: { index: './i.json', plugins } }))
    await writeFile(join(folder, 'i.json'), JSON.stringify([plugin]))
    const entry = pathToFileURL(join(folder, 'index.ts')).href

    await manifest(['./a.ts'])
    assert.deepEqual(await indexedPlugins(entry), [
      { ...plugin, module: pathToFileURL(join(folder, 'a.ts')).href, location: 'classpath' },
    ])
    await manifest(['./a.ts', './b.ts'])
    assert.equal(await indexedPlugins(entry), null)
    await rm(folder, { recursive: true })
  })
})
