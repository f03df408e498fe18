import assert from 'node:assert/strict'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Installed, openInstalled } from './installed.ts'

const modules = join(import.meta.dirname, '../../node_modules')

describe('the packages for authors, installed in a project of theirs', { timeout: 300_000 }, () => {
  let installed: Installed
  const stack = new AsyncDisposableStack()
  before(async () => {
    const names = ['isthmus', '@isthmus/sdk', '@isthmus/client', '@isthmus/testkit']
    installed = stack.use(await openInstalled(names))
  })
  after(() => stack.disposeAsync())

  it('can be imported by every entry that they have', async () => {
    const file = await everyEntry(installed)
    assert.match(await installed.run('node', [file]), /^\d+\n$/)
  })

  it('have types that hold without any others, whichever way modules are resolved', async () => {
    const file = await everyEntry(installed)
    for (const resolution of [
      ['--module', 'nodenext'],
      ['--module', 'node16'],
      ['--module', 'esnext', '--moduleResolution', 'bundler'],
    ])
      await compile(installed, [...resolution, file])
  })

  it('have types that fit what authors write', async () => {
    const withNode = ['--typeRoots', join(modules, '@types'), '--types', 'node', '--lib', 'esnext']
    await compile(installed, [
      '--module',
      'nodenext',
      '--allowImportingTsExtensions',
      ...withNode,
      'suite.ts',
    ])
  })

  it('test a plugin with node:test', async () => {
    await writeFile(installed.at('node-suite.ts'), suiteFor('node:test'))
    const output = await installed.run('node', ['--test', 'node-suite.ts'])
    assert.match(output, /pass [1-9]\d*\n/)
    assert.match(output, /fail 0\n/)
  })

  it('test a plugin with Vitest', async () => {
    await symlink(join(modules, 'vitest'), installed.at('node_modules/vitest'))
    await writeFile(installed.at('vitest-suite.test.ts'), suiteFor('vitest'))
    const vitest = join(modules, 'vitest/vitest.mjs')
    const output = await installed.run('node', [vitest, 'run', '--testTimeout', '60000'])
    assert.match(output, /Tests {2}\d+ passed \(\d+\)/)
  })
})

const suiteFor = (runner: string): string =>
  `import { test } from '${runner}'\nimport { suite } from './suite.ts'\nfor (const { name, run } of suite) test(name, run)\n`

/** A file that imports all that may be imported of the packages, and prints how much that is. */
async function everyEntry({ at, packed }: Installed): Promise<string> {
  const names: string[] = []
  for (const name of ['@isthmus/sdk', '@isthmus/client', '@isthmus/testkit']) {
    const folder = packed.find((one) => one.name === name)?.folder ?? ''
    const { exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      exports: object
    }
    names.push(
      ...Object.keys(exports)
        .filter((subpath) => subpath !== './package.json')
        .map((subpath) => name + subpath.slice(1)),
    )
  }
  const imports = names.map((name, index) => `import * as m${index} from '${name}'\n`)
  const all = names.map((_, index) => `m${index}`).join(', ')
  await writeFile(
    at('every-entry.ts'),
    `${imports.join('')}console.log([${all}].flatMap((m) => Object.keys(m)).length)\n`,
  )
  return 'every-entry.ts'
}

async function compile({ run }: Installed, args: readonly string[]): Promise<void> {
  const strict = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2024']
  await run('node', [join(modules, 'typescript/bin/tsc'), ...strict, ...args]).catch((error) =>
    assert.fail(error.stdout),
  )
}
