import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isLeaked, isolate } from './isolation.ts'
import { scanApart } from './scan-apart.ts'

describe('plugins beside each other', () => {
  it('have each its own version of a dependency, and what that depends on, by import and by require', async () => {
    const path = await mkdtemp(join(tmpdir(), 'isthmus-beside-'))
    const write = async (name: string, content: string) => {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), content)
    }
    for (const [name, version] of [
      ['one', '1.0.0'],
      ['two', '2.0.0'],
    ] as const) {
      const modules = `${name}/node_modules`
      await write(`${modules}/dep/package.json`, `{"name":"dep","version":"${version}","main":"index.js"}`)
      await write(`${modules}/dep/index.js`, "module.exports = require('deeper')")
      await write(`${modules}/deeper/package.json`, '{"name":"deeper","main":"index.js"}')
      await write(`${modules}/deeper/index.js`, `exports.version = '${version}'`)
    }
    const plugin = (of: string, name: string) =>
      `transform({ class: 'my.${name}', version: ${of}, apply: (r) => r })`
    await write(
      'one/index.ts',
      `import { transform } from '@isthmus/sdk'\nimport dep from 'dep'\nexport const T = ${plugin('dep.version', 'One')}`,
    )
    await write(
      'two/index.cjs',
      `const { transform } = require('@isthmus/sdk')\nexports.T = ${plugin("require('dep').version", 'Two')}`,
    )
    await write('three.ts', `import dep from 'dep'\nexport const d = dep`)
    const { plugins, warnings } = await scanApart({ packages: [], paths: [path] })
    assert.deepEqual(
      plugins.map((one) => [one.class, one.version]),
      [
        ['my.One', '1.0.0'],
        ['my.Two', '2.0.0'],
      ],
    )
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /three\.ts: Cannot find package 'dep'/)
    await rm(path, { recursive: true })
  })

  it('do not find what is installed for the worker alone, where they lie below it', () => {
    const root = fileURLToPath(new URL('../../../..', import.meta.url))
    const at = (path: string) => pathToFileURL(join(root, path)).href
    const leaks = (specifier: string, found: string, parent = 'examples/a/index.ts') =>
      isLeaked(specifier, at(parent), at(found))
    const worker = 'node_modules/snappy/index.js'
    assert.equal(leaks('snappy', worker), false, 'code that is not of a plugin')
    isolate(join(root, 'examples'))
    assert.equal(leaks('snappy', worker), true)
    assert.equal(leaks('snappy/part.js', worker), true)
    assert.equal(leaks('typescript', 'node_modules/typescript/lib/a.js'), false, 'package.json asks for it')
    assert.equal(leaks('snappy', 'examples/node_modules/snappy/index.js'), false, "the plugin's own")
    assert.equal(leaks('../../node_modules/snappy/index.js', worker), false, 'a path')
    assert.equal(leaks('snappy', worker, 'examples/node_modules/dep/index.js'), false, 'of a dependency')
    assert.equal(leaks('snappy', worker, 'packages/protocol/src/index.ts'), false, "the worker's own code")
  })
})
