import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtempDisposable, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { KINDS } from './names.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const command = fileURLToPath(new URL('../bin/isthmus.ts', import.meta.url))

/** A folder in which the command is given, with what `npm install` would bring. */
async function openPlace() {
  const dir = await mkdtempDisposable(join(tmpdir(), 'isthmus-create-'))
  await symlink(join(root, 'node_modules'), join(dir.path, 'node_modules'))
  return {
    path: dir.path,
    at: (name: string) => join(dir.path, name),
    create: (...args: string[]) => run(process.execPath, [command, 'create', ...args], { cwd: dir.path }),
    [Symbol.asyncDispose]: () => dir.remove(),
  }
}
const refused = { code: 1, stdout: '' }

describe('isthmus create', () => {
  it('makes packages of each kind that have no faults of types and whose tests pass', async () => {
    await using place = await openPlace()
    for (const kind of KINDS) {
      const { stdout } = await place.create(kind, `first-${kind}`)
      const folder = place.at(`first-${kind}`)
      const files = [
        '.gitignore',
        'README.md',
        `config/first-${kind}.properties`,
        'package.json',
        'src/index.test.ts',
        'src/index.ts',
        'tsconfig.json',
      ]
      for (const file of files) {
        assert.ok(stdout.includes(`  ${file}\n`), stdout)
        assert.doesNotMatch(await readFile(join(folder, file), 'utf8'), /my-name|MyName/, file)
      }
      const made = await readdir(folder, { recursive: true })
      assert.deepEqual(made.filter((one) => !['config', 'src'].includes(one)).sort(), files)
    }
    // all by one process each, which is most of what they cost
    await writeFile(
      place.at('tsconfig.json'),
      JSON.stringify({ extends: './first-source/tsconfig.json', include: ['first-*/src'] }),
    )
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], { cwd: place.path })
    const tests = KINDS.map((kind) => `first-${kind}/src/index.test.ts`)
    // the runner of this test would be taken for its parent
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { stdout } = await run(process.execPath, ['--test', '--test-isolation=none', ...tests], {
      cwd: place.path,
      env,
    })
    assert.equal(stdout.match(/a worker .*it/g)?.length, KINDS.length, stdout)
  })

  it('asks for the versions that it was made with', async () => {
    const versionsIn = async (path: string) =>
      (JSON.parse(await readFile(path, 'utf8')) as { devDependencies: { [name: string]: string } })
        .devDependencies
    const own = await versionsIn(join(root, 'package.json'))
    const asked = await versionsIn(fileURLToPath(new URL('templates/package.json', import.meta.url)))
    for (const [name, version] of Object.entries(asked)) assert.equal(version, own[name], name)
  })

  it('leaves a folder alone that is there, and names it', async () => {
    await using place = await openPlace()
    await mkdir(place.at('first-try'))
    await assert.rejects(place.create('source', 'first-try'), {
      ...refused,
      stderr: `${place.at('first-try')} is there already; nothing was written. Name another folder with --dir.\n`,
    })
    assert.deepEqual(await readdir(place.at('first-try')), [])
    await place.create('source', '@acme/first-try', '--dir', 'deep/er')
    const manifest = JSON.parse(await readFile(place.at('deep/er/package.json'), 'utf8'))
    assert.equal(manifest.name, '@acme/first-try')
    assert.deepEqual((await readdir(place.path)).sort(), ['deep', 'first-try', 'node_modules'])
  })

  it('says why a folder cannot be made, and quotes one whose name a shell would take apart', async () => {
    await using place = await openPlace()
    await writeFile(place.at('file'), '')
    await assert.rejects(place.create('sink', 'mine', '--dir', 'file/mine'), {
      ...refused,
      stderr: `${place.at('file/mine')} cannot be made: ${place.at('file')} is a file, not a folder; nothing was written.\n`,
    })
    const { stdout } = await place.create('sink', 'mine', '--dir', "ann's $HOME")
    assert.match(stdout, /^ {2}cd 'ann'\\''s \$HOME'$/m)
  })

  it('says what it was not told', async () => {
    await using place = await openPlace()
    for (const [args, said] of [
      [[], /^Nothing to create; source, sink, transform, converter can be\. See isthmus create --help\.\n$/],
      [
        ['sorce', 'x'],
        /^'sorce' is none of source, .*; did you mean 'source'\? See isthmus create --help\.\n$/,
      ],
      [['sink'], /^The sink has no name\. /],
      [['sink', 'a', 'b'], /^One name, not 'a b'\. /],
      [['sink', 'MySink'], /Did you mean 'my-sink'\?\n$/],
    ] as const)
      await assert.rejects(place.create(...args), ({ code, stdout, stderr }) => {
        assert.deepEqual({ code, stdout }, refused)
        assert.match(stderr, said)
        return true
      })
    assert.deepEqual(await readdir(place.path), ['node_modules'])
  })
})
