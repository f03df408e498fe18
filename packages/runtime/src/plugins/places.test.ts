import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { placesIn } from './places.ts'

async function place(files: { readonly [path: string]: string } = {}) {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-places-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), content)
  }
  const at = (name: string) => join(path, name)
  /** What is found below entries of `plugin.path`, by paths from the folder. */
  const found = (...entries: readonly string[]) => {
    const { candidates, warnings } = placesIn(entries.map(at))
    return {
      modules: candidates.map(({ module, location }) => [
        relative(path, fileURLToPath(module)),
        relative(path, location),
      ]),
      warnings: warnings.map((line) => line.replaceAll(`${path}/`, '')),
    }
  }
  return { at, found, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

describe('what plugin.path names', () => {
  it('is a plugin by its folder or file, or a folder of plugins', async () => {
    await using given = await place({
      'path/a/package.json': '{"main":"lib/main"}',
      'path/a/lib/main.js': '',
      'path/b/index.cts': '',
      'path/c.mts': '',
      'path/c.test.ts': '',
      'path/c.d.ts': '',
      'path/readme.md': '',
      'path/node_modules/x/index.js': '',
      'path/.git/index.js': '',
      'own/package.json': '{"exports":{".":{"types":"./t.d.ts","import":{"node":"./n.mjs"}}}}',
      'own/n.mjs': '',
      'file.ts': '',
    })
    assert.deepEqual(given.found('path', 'own', 'file.ts'), {
      modules: [
        ['path/a/lib/main.js', 'path/a'],
        ['path/b/index.cts', 'path/b'],
        ['path/c.mts', 'path/c.mts'],
        ['own/n.mjs', 'own'],
        ['file.ts', 'file.ts'],
      ],
      warnings: [],
    })
  })

  it('may be links, of folders and files; two names for one plugin are one', async () => {
    await using given = await place({
      'store/p-1/index.ts': '',
      'store/p-2/index.ts': '',
      'store/f.mjs': '',
      'path/x/index.ts': '',
    })
    await symlink(given.at('store/p-2'), given.at('path/current'))
    await symlink('../store/f.mjs', given.at('path/f.mjs'))
    await symlink('.', given.at('path/loop'))
    await symlink('..', given.at('path/up'))
    await symlink('path', given.at('entry'))
    await symlink('current', given.at('path/z-again'))
    const { modules, warnings } = given.found('entry', 'path/x')
    assert.deepEqual(modules, [
      ['entry/current/index.ts', 'entry/current'],
      ['entry/f.mjs', 'entry/f.mjs'],
      ['entry/x/index.ts', 'entry/x'],
    ])
    assert.deepEqual(warnings, [
      'entry/loop has no package.json with an entry, index.ts or index.js; it is left out.',
      'entry/up has no package.json with an entry, index.ts or index.js; it is left out.',
    ])
  })

  it('is told of in one line where it cannot be used, and the rest is found', async () => {
    await using given = await place({
      'path/broken/package.json': '{"type": "module",}',
      'path/list/package.json': '[]',
      'path/gone/package.json': '{"main":"dist/index.js"}',
      'path/part/package.json': '{"isthmus":{"plugins":["./here.js","./not.js"]}}',
      'path/part/here.js': '',
      'path/no-entry/package.json': '{"name":"x"}',
      'path/jsx/index.tsx': '',
      'path/view.tsx': '',
      'path/java/lib/some.jar': '',
      'path/good/index.ts': '',
      'unbuilt/package.json': '{"exports":"./dist/index.js"}',
      'text.txt': '',
      'half/package.json': '{"isthmus":{"plugins":["./here.js","./not.js"]}}',
      'half/here.js': '',
      'path/odd/package.json': JSON.stringify({ main: `${'x'.repeat(300)}\0` }),
    })
    await mkdir(given.at('path/empty'))
    await symlink('nowhere', given.at('path/lost.ts'))
    await symlink('itself', given.at('path/itself'))
    await mkdir(given.at('path/to-itself'))
    await symlink('index.ts', given.at('path/to-itself/index.ts'))
    const { modules, warnings } = given.found('path', 'missing', 'text.txt', 'unbuilt', 'half')
    assert.deepEqual(
      modules.map(([module]) => module),
      ['path/good/index.ts', 'path/part/here.js', 'half/here.js'],
    )
    const said = [
      /^path\/broken has a package\.json that cannot be used: .*JSON.*; it is left out\.$/,
      /^path\/empty is empty: copy the plugin into it; it is left out\.$/,
      /^path\/gone has a package\.json whose 'main' names dist\/index\.js, which is not there: build the plugin, or correct the name/,
      /^path\/itself is a link that leads to itself/,
      /^path\/jsx has an index\.tsx, which Node\.js does not run/,
      /^path\/list has a package\.json that cannot be used: it is no object/,
      /^path\/lost\.ts does not exist, or is a link to what does not; it is left out\.$/,
      /^path\/no-entry has a package\.json without an entry \(isthmus\.plugins, exports or main\)/,
      /^path\/odd has a package\.json whose 'main' names x+/,
      /^path\/part has a package\.json whose 'isthmus\.plugins' names \.\/not\.js, which is not there/,
      /^path\/to-itself has no package\.json with an entry/,
      /^path\/view\.tsx is a \.tsx file, which Node\.js does not run/,
      /^Java plugins in .*path are ignored/,
      /^The entry missing of plugin\.path does not exist/,
      /^The entry text\.txt of plugin\.path is a file, and no module/,
      /^The entry unbuilt of plugin\.path has a package\.json whose 'exports' names \.\/dist\/index\.js/,
      /^half has a package\.json whose 'isthmus\.plugins' names \.\/not\.js/,
    ]
    assert.equal(warnings.length, said.length, warnings.join('\n'))
    for (const [at, pattern] of said.entries()) assert.match(warnings[at] ?? '', pattern)
  })

  it('may be closed to the user of the worker', {
    skip: process.getuid?.() === 0 && 'root reads all',
  }, async () => {
    await using given = await place({ 'path/closed/index.ts': '', 'path/good/index.ts': '' })
    await chmod(given.at('path/closed'), 0)
    const { modules, warnings } = given.found('path')
    await chmod(given.at('path/closed'), 0o755)
    assert.equal(modules.length, 1)
    assert.match(warnings.join('\n'), /^path\/closed .*may not be read by the user of this worker/)
  })
})
