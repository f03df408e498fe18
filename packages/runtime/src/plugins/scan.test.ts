import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { findConnector } from './registry.ts'
import { scanApart } from './scan-apart.ts'

async function pluginPath(files: {
  readonly [path: string]: string
}): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-plugins-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), content)
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
const connector = (name: string, version = '1') =>
  `export const ${name}: { class: string } = { type: 'source', class: 'my.${name}Connector', taskClass: 'my.${name}Task', version: '${version}', config: {}, connector: () => ({}), task: () => ({}) } as never`

describe('the scan for plugins', () => {
  it('finds TypeScript as it is, whatever names its entry, and leaves the rest out with one line each', async () => {
    await using place = await pluginPath({
      'by-index/index.ts': connector('Index'),
      'by-main/package.json': '{"name":"m","type":"module","main":"./lib/entry.ts"}',
      'by-main/lib/entry.ts': connector('Main'),
      'by-exports/package.json': '{"name":"e","type":"module","exports":{".":{"import":"./e.js"}}}',
      'by-exports/e.js': connector('Exports').replace(': { class: string }', '').replace(' as never', ''),
      'listed/package.json': '{"name":"l","type":"module","isthmus":{"plugins":["./a.ts","./b.ts"]}}',
      'listed/a.ts': connector('A'),
      'listed/b.ts': connector('B'),
      'broken/index.ts': 'throw new Error("cannot be imported")',
      'empty/readme.txt': '',
      'nothing/index.ts': 'export const answer = 42',
      'java/lib/some.jar': '',
      'loose.jar': '',
    })
    const { plugins, warnings } = await scanApart({
      packages: [],
      paths: [place.path, join(place.path, 'missing')],
    })
    assert.deepEqual(plugins.map((plugin) => plugin.class).sort(), [
      'my.AConnector',
      'my.BConnector',
      'my.ExportsConnector',
      'my.IndexConnector',
      'my.MainConnector',
    ])
    assert.equal(plugins.find((plugin) => plugin.export === 'Index')?.location, join(place.path, 'by-index'))
    assert.equal(warnings.length, 5)
    for (const expected of [
      /Failed to load plugins from .*broken.*cannot be imported/,
      /empty has no package\.json with an entry/,
      /nothing.*exports no plugin/,
      /Java plugins in .* are ignored/,
      /The entry .*missing of plugin\.path does not exist/,
    ])
      assert.ok(
        warnings.some((line) => expected.test(line)),
        String(expected),
      )
  })

  it('leaves out, by name, each module that ends its process or keeps it busy, and finds all others', async () => {
    await using place = await pluginPath({
      'a/index.ts': connector('First'),
      'b-exits/index.ts': `process.exit(3)\n${connector('Exits')}`,
      'c-waits/index.ts': `await new Promise(() => {})\n${connector('Waits')}`,
      'd-spins/index.ts': `for (;;);\n${connector('Spins')}`,
      // found, although what it leaves behind ends the thread while the next one is imported; and so is that one
      'e-throws-later/index.ts': `globalThis.later = () => setImmediate(() => { throw null })\n${connector('Later')}`,
      'f-meanwhile/index.ts': `if (globalThis.later) await new Promise(globalThis.later)\n${connector('Meanwhile')}`,
      'f-numbers/index.ts': connector('Numbers').replace("version: '1'", 'version: 1'),
      'g/index.ts': `await new Promise((resolve) => setTimeout(resolve, 20))\n${connector('Last')}`,
    })
    const { plugins, warnings } = await scanApart({ packages: [], paths: [place.path] }, { moduleMs: 3000 })
    assert.deepEqual(
      plugins.map((plugin) => [plugin.class, plugin.version]),
      [
        ['my.FirstConnector', '1'],
        ['my.LaterConnector', '1'],
        ['my.MeanwhileConnector', '1'],
        ['my.NumbersConnector', null],
        ['my.LastConnector', '1'],
      ],
    )
    assert.equal(warnings.length, 3)
    for (const [at, expected] of [
      /b-exits.*its code ended the process with exit code 3; it is left out/,
      /c-waits.*a top-level await in it never settles/,
      /d-spins.*it was not imported within 3 s/,
    ].entries())
      assert.match(warnings[at] ?? '', expected)
  })

  it('ends when it is given up', async () => {
    await using place = await pluginPath({ 'spins/index.ts': 'for (;;);' })
    const given = new AbortController()
    const scan = scanApart({ packages: [], paths: [place.path] }, { signal: given.signal })
    given.abort()
    await assert.rejects(scan, { code: 'state', message: 'The scan for plugins was given up' })
    await assert.rejects(scanApart({ packages: [], paths: [place.path] }, { signal: given.signal }))
  })

  it('takes the folder of one plugin as an entry too, and the newest of several versions', async () => {
    await using place = await pluginPath({
      'one/index.ts': connector('Same', '1.9.0'),
      'two/index.ts': connector('Same', '1.10.0'),
    })
    const { plugins } = await scanApart({
      packages: [],
      paths: [join(place.path, 'one'), join(place.path, 'two')],
    })
    assert.equal(findConnector(plugins, 'Same').version, '1.10.0')
  })

  it('takes the modules that a package lists', async () => {
    const { plugins } = await scanApart({ packages: [import.meta.resolve('@isthmus/builtin')], paths: [] })
    const found = findConnector(plugins, 'FileStreamSource')
    assert.match(found.module, /file-stream\/source\.ts$/)
    assert.equal(found.location, 'classpath')
  })
})
