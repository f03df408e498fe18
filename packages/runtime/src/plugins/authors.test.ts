import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { loadPlugin } from './load.ts'
import { scanApart } from './scan-apart.ts'

/** Files under a folder of `plugin.path`, scanned. */
async function scanned(files: { readonly [path: string]: string }) {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-authors-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), content)
  }
  const scan = await scanApart({ packages: [], paths: [path] })
  return { path, ...scan, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

const source = (name: string, more = '') =>
  `{ type: 'source', class: 'my.${name}', taskClass: 'my.${name}Task', version: '1', config: {}, connector() {}, task() {}, ${more} }`
const MISTAKES: { readonly [file: string]: readonly [content: string, said: RegExp] } = {
  'transform.ts': [
    `import { transform } from '@isthmus/sdk'\nexport const T = transform({ class: 'my.Typo', aply: (r) => r } as never)`,
    /The plugin my\.Typo \(export 'T' of file:.*transform\.ts\) cannot be used: it has no function 'apply'; is 'aply' meant to be it\?/,
  ],
  'config-type.ts': [
    `export const C = ${source('ConfigType', "config: { port: { type: 'integer', importance: 'high', doc: '' } },")}`,
    /my\.ConfigType .*: its config property 'port' has the type 'integer', which is none of .*; did you mean 'int'\?/,
  ],
  'no-config.ts': [
    `export const N = { type: 'predicate', class: 'my.NoConfig', open() {} }`,
    /my\.NoConfig .*: it has no 'config'; one without properties has `config: \{\}`/,
  ],
  'class.ts': [
    `export const C = { ...${source('Class')}, task: class Task { poll() {} } }`,
    /my\.Class .*: its 'task' is a class, and is called as a function, without 'new': task: \(…given\) => new Task\(…given\)/,
  ],
  'default.ts': [
    `export const D = ${source('Default', "config: { port: { type: 'int', default: 'many', importance: 'high', doc: '' } },")}`,
    /my\.Default .*: its config property 'port' has the default 'many', which is no int/,
  ],
  'no-task.js': [
    `export const N = { type: 'sink', class: 'my.NoTask', config: {}, connector() {}, tasks() {} }`,
    /my\.NoTask .*: it has no function 'task'; is 'tasks' meant to be it\?/,
  ],
}

describe('what authors of plugins get wrong', () => {
  it('is said when they are found, and again where they are used', async () => {
    await using found = await scanned(
      Object.fromEntries(Object.entries(MISTAKES).map(([file, [content]]) => [file, content])),
    )
    assert.equal(found.warnings.length, Object.keys(MISTAKES).length, found.warnings.join('\n'))
    assert.equal(found.plugins.length, Object.keys(MISTAKES).length)
    for (const [file, [, said]] of Object.entries(MISTAKES)) {
      assert.ok(
        found.warnings.some((line) => said.test(line)),
        `${file}: ${found.warnings.join('\n')}`,
      )
      const descriptor = found.plugins.find(({ module }) => module.endsWith(file))
      assert.ok(descriptor)
      // a plugin in a process of tests is not lent the SDK, and one of them imports it
      if (file !== 'transform.ts') await assert.rejects(loadPlugin(descriptor), said)
    }
  })

  it('is said of exports that cannot even be named', async () => {
    await using found = await scanned({
      'kind.ts': `export const K = { type: 'trasformation', class: 'my.Kind', config: {}, open() {} }`,
      'classless.ts': `export const C = { type: 'sink', config: {}, connector() {}, task() {} }`,
    })
    assert.equal(found.plugins.length, 0)
    const [classless = '', kind = ''] = found.warnings
    assert.match(classless, /without a class .*classless\.ts.* it has no 'class', the name/)
    assert.match(kind, /my\.Kind .*its type 'trasformation' is none of .*; did you mean 'transformation'\?/)
  })

  it('is said of two plugins of one class in a module, and not of one by two names', async () => {
    await using found = await scanned({
      'two.ts': `export const A = ${source('Same')}\nexport const B = ${source('Same')}`,
      'names.ts': `export const A = ${source('Names')}\nexport default A`,
    })
    assert.equal(found.warnings.length, 1, found.warnings.join('\n'))
    assert.match(
      found.warnings[0] ?? '',
      /two\.ts exports the source my\.Same twice, as 'A' and as 'B': only 'A' is used; give each its own 'class'\./,
    )
  })

  it('has file, line and column where a module cannot be read, also one that it imports', async () => {
    await using found = await scanned({
      'a/index.ts': 'export const a: number = 1\nexport const b = { c 1 }\n',
      'b/index.js': "import './deep/inner.js'\n",
      'b/deep/inner.js': 'const fine = 1\n\nconst not fine = 2\n',
      'b/package.json': '{"type":"module"}',
      'c/index.cjs': 'module.exports = {\n  d 2\n}\n',
      'd/index.mjs': 'const none = null\nnone.such.thing()\n',
      'e/package.json': '{"type": "module",}',
      'e/index.js': '',
    })
    for (const said of [
      /a\/index\.ts: SyntaxError: .*\(.*a\/index\.ts:2:\d+\)/,
      /b\/index\.js: SyntaxError: .*\(.*b\/deep\/inner\.js:3:\d+\)/,
      /c\/index\.cjs: SyntaxError: .*\(.*c\/index\.cjs:2:\d+\)/,
      /d\/index\.mjs: TypeError: .*\(.*d\/index\.mjs:2:6\)/,
      /e has a package\.json that cannot be used: .*JSON/,
    ])
      assert.ok(
        found.warnings.some((line) => said.test(line)),
        `${said}: ${found.warnings.join('\n')}`,
      )
  })

  it('is told where two folders have one class in one version, with the one that counts', async () => {
    await using found = await scanned({
      'one/index.ts': `export const S = ${source('Same')}`,
      'two/index.ts': `export const S = ${source('Same')}`,
    })
    const [line = ''] = found.warnings
    assert.match(line, /The plugin my\.Same 1 is in .*one and .*two: that of .*two counts\./)
  })
})

it('a plugin is lent every part of the SDK', async () => {
  const named = ['transform', 'validateAll', 'javaPattern']
  await using found = await scanned({
    'parts.mts': `
      import { transform } from '@isthmus/sdk'
      import { validateAll } from '@isthmus/sdk/config'
      import { javaPattern } from '@isthmus/sdk/java'
      const names = [transform, validateAll, javaPattern].map(({ name }) => name)
      export const T = transform({ class: 'my.Parts', version: names.join(' '), apply: (r) => r })`,
    'required.cjs': `
      const { transform } = require('@isthmus/sdk')
      const names = [transform, require('@isthmus/sdk/config').validateAll, require('@isthmus/sdk/java').javaPattern]
        .map(({ name }) => name)
      exports.T = transform({ class: 'my.Required', version: names.join(' '), apply: (r) => r })`,
  })
  assert.deepEqual(found.warnings, [])
  assert.deepEqual(
    found.plugins.map(({ version }) => version),
    [named.join(' '), named.join(' ')],
  )
})

it('a file by itself is a plugin too, and one that requires the SDK is lent it', async () => {
  await using found = await scanned({
    'alone.mts': `import { transform } from '@isthmus/sdk'\nexport const T = transform({ class: 'my.Alone', apply: (r) => r })`,
    'common.cjs': `const { transform } = require('@isthmus/sdk')\nmodule.exports = Object.fromEntries([['T', transform({ class: 'my.Common', apply: (r) => r })]])`,
    'alone.test.ts': 'throw new Error("tests are no plugins")',
    'types.d.ts': 'export declare const x: number',
  })
  assert.deepEqual(found.warnings, [])
  assert.deepEqual(found.plugins.map((plugin) => [plugin.class, plugin.location]).sort(), [
    ['my.Alone', join(found.path, 'alone.mts')],
    ['my.Common', join(found.path, 'common.cjs')],
  ])
  const one = await scanApart({ packages: [], paths: [join(found.path, 'alone.mts')] })
  assert.deepEqual(
    one.plugins.map((plugin) => plugin.class),
    ['my.Alone'],
  )
})
