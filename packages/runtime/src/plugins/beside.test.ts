import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { packagesBeside } from './beside.ts'
import { scanApart } from './scan-apart.ts'

async function place(files: { readonly [path: string]: string }) {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-beside-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), content)
  }
  const at = (name: string) => join(path, name)
  const beside = (worker: string) =>
    packagesBeside(at(worker)).map((url) => fileURLToPath(url).slice(path.length + 1))
  return { at, beside, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
const plugin = (name: string) =>
  `export const T = { type: 'predicate', class: 'my.${name}', version: '1', config: {}, open() {} }`
const KEY = '{"type":"module","isthmus":{"plugins":["./t.js"]}}'

describe('packages with plugins that are installed beside the worker', () => {
  it('are those with the key isthmus, in the folders node_modules from the worker upward, scoped ones and links too', async () => {
    await using given = await place({
      'project/node_modules/isthmus/lib/index.js': '',
      'project/node_modules/isthmus/package.json': '{"name":"isthmus","dependencies":{"isthmus":"1"}}',
      'project/node_modules/isthmus/node_modules/inner/package.json': KEY,
      'project/node_modules/@my/connector/package.json': KEY,
      'project/node_modules/plain/package.json': '{"name":"isthmus-friend","keywords":["isthmus"]}',
      'project/node_modules/broken/package.json': '{"isthmus" ',
      'project/node_modules/.cache/package.json': KEY,
      'node_modules/above/package.json': KEY,
      'linked/package.json': KEY,
      'global/lib/node_modules/isthmus/lib/index.js': '',
      'global/lib/node_modules/other/package.json': KEY,
    })
    await symlink(given.at('linked'), given.at('project/node_modules/linked'))
    assert.deepEqual(given.beside('project/node_modules/isthmus/lib'), [
      'project/node_modules/isthmus/node_modules/inner/package.json',
      'project/node_modules/@my/connector/package.json',
      'linked/package.json',
      'node_modules/above/package.json',
    ])
    assert.deepEqual(given.beside('global/lib/node_modules/isthmus/lib'), [
      'global/lib/node_modules/other/package.json',
      'node_modules/above/package.json',
    ])
  })

  it('have plugins of the class path, with an index or without; one that is broken is told of', async () => {
    await using given = await place({
      'node_modules/isthmus/index.js': '',
      'node_modules/a/package.json': KEY,
      'node_modules/a/t.js': plugin('A'),
      'node_modules/b/package.json': '{"type":"module","isthmus":{"plugins":["./t.js"],"index":"./i.json"}}',
      'node_modules/b/i.json': `[{"kind":"module","type":"predicate","class":"my.B","version":null,"export":"T","module":"./t.js"}]`,
      'node_modules/c/package.json': '{"isthmus":{"plugins":["./t.js"],"index":"./none.json"}}',
      'node_modules/d/package.json': '{"type":"module","isthmus":{},"main":"t.js"}',
      'node_modules/d/t.js': plugin('D'),
      'node_modules/e/package.json': '{"isthmus":{"plugins":["./gone.js"]}}',
    })
    const packages = packagesBeside(given.at('node_modules/isthmus'))
    const { plugins, warnings } = await scanApart({ packages, paths: [] })
    assert.deepEqual(plugins.map((one) => [one.class, one.location]).sort(), [
      ['my.A', 'classpath'],
      ['my.B', 'classpath'],
      ['my.D', 'classpath'],
    ])
    const [broken = '', gone = ''] = warnings
    assert.match(
      broken,
      /node_modules\/c\/package\.json: .*none\.json.*; the plugins of this package are left out/,
    )
    assert.match(gone, /node_modules\/e has a package\.json whose 'isthmus\.plugins' names \.\/gone\.js/)
  })
})
