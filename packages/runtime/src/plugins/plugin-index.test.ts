import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { loadPlugin } from './load.ts'
import { indexedPlugins, packageOf } from './plugin-index.ts'
import { findConnector } from './registry.ts'
import { importedPlugins, writePluginIndex } from './write-index.ts'

function indexedAt(entry: string) {
  const found = packageOf(entry)
  return found === null ? null : indexedPlugins(found)
}

describe('the index of a package', () => {
  for (const name of [
    '@isthmus/builtin',
    '@isthmus/formats',
    '@isthmus/connector-s3',
    '@isthmus/connector-kinetica',
  ])
    it(`says what a scan of ${name} finds; node scripts/plugins.ts writes it anew`, async () => {
      const found = packageOf(import.meta.resolve(name))
      assert.ok(found)
      const index = fileURLToPath(new URL(found.manifest.index ?? '', found.folder))
      assert.deepEqual(JSON.parse(await readFile(index, 'utf8')), await importedPlugins(found))
    })

  it('has a plugin under each of the names that it is exported with, and each can be found and loaded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'isthmus-index-'))
    const manifest = { type: 'module', isthmus: { index: './index.json', plugins: ['./names.js'] } }
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
    await writeFile(
      join(folder, 'names.js'),
      `export const Now = { type: 'source', class: 'now.NowSourceConnector', version: '2', config: {}, connector() {}, task() {} }
       export const Before = { ...Now, class: 'before.BeforeSourceConnector' }`,
    )
    const entry = pathToFileURL(join(folder, 'index.js')).href
    assert.equal(await writePluginIndex(entry), 2)
    const plugins = indexedAt(entry) ?? []
    for (const [alias, name] of [
      ['NowSource', 'now.NowSource'],
      ['BeforeSource', 'before.BeforeSource'],
    ] as const) {
      const found = findConnector(plugins, alias)
      assert.deepEqual([found.class, found.taskClass], [`${name}Connector`, `${name}Task`])
      assert.equal((await loadPlugin(found)).class, found.class)
    }
    await rm(folder, { recursive: true })
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
    assert.deepEqual(indexedAt(entry), [
      { ...plugin, module: pathToFileURL(join(folder, 'a.ts')).href, location: 'classpath', stamp: '' },
    ])
    await manifest(['./a.ts', './b.ts'])
    assert.equal(indexedAt(entry), null)
    await writeFile(join(folder, 'i.json'), JSON.stringify([{ ...plugin, type: 'none' }]))
    assert.throws(() => indexedAt(entry), /i\.json has an entry that is no plugin/)
    await rm(folder, { recursive: true })
  })
})
