import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { DirectoryConfigProvider } from './directory.ts'
import { EnvVarConfigProvider } from './env.ts'
import { FileConfigProvider } from './file.ts'

describe('config providers', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isthmus-providers-'))
    await writeFile(
      join(folder, 'db.properties'),
      '# ours\nuser = anna\npassword=p\\u00e4ss\\\n  word\nname=zoë\n',
    )
    await mkdir(join(folder, 'secrets'))
    await writeFile(join(folder, 'token'), 'abc\n')
    await symlink(join(folder, 'token'), join(folder, 'secrets', 'token'))
    await mkdir(join(folder, 'secrets', 'sub'))
    await writeFile(join(folder, 'secrets-of-others'), 'x=1')
  })
  after(() => rm(folder, { recursive: true }))

  it('file: the properties that are there, in UTF-8; nothing without a path', async () => {
    const provider = await FileConfigProvider.open({ 'allowed.paths': null, raw: {} } as never)
    assert.deepEqual(
      (await provider.get(join(folder, 'db.properties'), ['user', 'password', 'name', 'toString'])).values,
      { user: 'anna', password: 'pässword', name: 'zoë' },
    )
    assert.deepEqual((await provider.get('', ['user'])).values, {})
    await assert.rejects(async () => provider.get(join(folder, 'absent'), ['a']), {
      code: 'config',
      message: `Could not read properties from file ${join(folder, 'absent')}`,
    })
  })

  it('directory: whole files, links followed; folders, absent files and names with a path are not there', async () => {
    const provider = await DirectoryConfigProvider.open({ 'allowed.paths': null, raw: {} } as never)
    const keys = ['token', 'sub', 'absent', '../db.properties']
    assert.deepEqual((await provider.get(join(folder, 'secrets'), keys)).values, { token: 'abc\n' })
    assert.deepEqual((await provider.get(join(folder, 'token'), ['token'])).values, {})
  })

  it('allowed.paths: only what is below, dots resolved; other paths are as if they held nothing', async () => {
    const allowed = join(folder, 'secrets')
    const directories = await DirectoryConfigProvider.open({
      'allowed.paths': `${allowed}/`,
      raw: {},
    } as never)
    assert.deepEqual((await directories.get(allowed, ['token'])).values, { token: 'abc\n' })
    assert.deepEqual((await directories.get(folder, ['token'])).values, {})
    const files = await FileConfigProvider.open({ 'allowed.paths': allowed, raw: {} } as never)
    for (const path of [join(allowed, '../db.properties'), join(folder, 'secrets-of-others')])
      assert.deepEqual((await files.get(path, ['x', 'user'])).values, {})
    for (const [paths, message] of [
      ['relative', 'Path relative is not absolute'],
      ['/no/such/folder', 'Path /no/such/folder does not exist'],
    ] as const)
      assert.throws(() => FileConfigProvider.open({ 'allowed.paths': paths, raw: {} } as never), { message })
  })

  it('only regular files of a size that properties have are read, and what is wrong in one is not shown', async () => {
    const files = await FileConfigProvider.open({ 'allowed.paths': null, raw: {} } as never)
    const directories = await DirectoryConfigProvider.open({ 'allowed.paths': null, raw: {} } as never)
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await writeFile(join(folder, 'large'), '')
    await truncate(join(folder, 'large'), 2 ** 33)
    for (const path of ['/dev/zero', join(folder, 'pipe'), join(folder, 'large')])
      await assert.rejects(async () => files.get(path, ['a']), {
        message: `Could not read properties from file ${path}`,
      })
    assert.deepEqual((await directories.get(folder, ['pipe'])).values, {})
    await assert.rejects(async () => directories.get(folder, ['large']), {
      message: `Could not read file ${join(folder, 'large')} for property large`,
    })
    await writeFile(join(folder, 'odd'), 'a=\\u12se3same\n')
    await assert.rejects(async () => files.get(join(folder, 'odd'), ['a']), {
      message: 'Malformed \\uxxxx encoding.',
    })
  })

  it('environment: variables whose whole name is allowed; a path is a mistake', async (t) => {
    process.env['ISTHMUS_TEST_SECRET'] = 'sesame'
    t.after(() => {
      delete process.env['ISTHMUS_TEST_SECRET']
    })
    const open = (pattern: string) =>
      EnvVarConfigProvider.open({ 'allowlist.pattern': pattern, raw: {} } as never)
    const keys = ['ISTHMUS_TEST_SECRET', 'ISTHMUS_TEST_ABSENT']
    assert.deepEqual((await (await open('.*')).get('', keys)).values, { ISTHMUS_TEST_SECRET: 'sesame' })
    assert.deepEqual((await (await open('ISTHMUS')).get('', keys)).values, {})
    const provider = await open('.*')
    assert.throws(() => provider.get('some/path', keys), {
      message: "Path is not supported for EnvVarConfigProvider, invalid value 'some/path'",
    })
  })
})
