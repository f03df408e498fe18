import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openLogFile } from './log-file.ts'

/** For what is done in the background. */
async function until(ask: () => Promise<boolean> | boolean): Promise<void> {
  for (let left = 1500; left > 0 && !(await ask()); left--) await wait(10)
}

async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-log-'))
  const logs = join(folder, 'logs')
  const text = (name = 'connect.log') => readFile(join(logs, name), 'utf8').catch(() => '')
  return {
    folder,
    logs,
    path: join(logs, 'connect.log'),
    text,
    names: async () => (await readdir(logs)).sort(),
    /** Waits until a file holds a text, which is written in the background. */
    async holds(expected: string, name?: string): Promise<void> {
      await until(async () => (await text(name)) === expected)
      assert.equal(await text(name), expected)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
const untold = (_: string, message: string): void => assert.fail(message)
/** In January; the 31st is the last day of the month. */
const at = (day: number, hour: number): number => new Date(2026, 0, day, hour).getTime()

test('lines are appended in order to what an earlier start has left', async () => {
  await using folder = await openFolder()
  await mkdir(folder.logs)
  await writeFile(folder.path, 'one\n')
  const expected = ['one\n']
  {
    await using file = openLogFile({ path: folder.path, tell: untold })
    for (let index = 0; index < 1000; index++) {
      file.write(`${index} häßlich ✓\n`)
      expected.push(`${index} häßlich ✓\n`)
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  assert.equal(await folder.text(), expected.join(''))
})

test('the first line after midnight gives the file the name of the day before', async () => {
  await using folder = await openFolder()
  let now = at(31, 23)
  await using file = openLogFile({ path: folder.path, tell: untold, now: () => now })
  file.write('in the evening\n')
  await folder.holds('in the evening\n')
  now = at(32, 0)
  file.write('in the night\n')
  await folder.holds('in the night\n')
  assert.equal(await folder.text('connect-2026-01-31.log'), 'in the evening\n')
  assert.equal((await folder.names()).length, 2)
})

test('so does the first line of a process, by when the file was written last', async () => {
  await using folder = await openFolder()
  await mkdir(folder.logs)
  await writeFile(folder.path, 'of long ago\n')
  await utimes(folder.path, at(29, 15) / 1000, at(29, 15) / 1000)
  await using file = openLogFile({ path: folder.path, tell: untold, now: () => at(31, 0) })
  file.write('now\n')
  await folder.holds('now\n')
  assert.equal(await folder.text('connect-2026-01-29.log'), 'of long ago\n')
})

test('processes that write one file lose no line over it, whoever is first after midnight', async () => {
  await using folder = await openFolder()
  let now = 0
  const options = { path: folder.path, tell: untold, now: () => now, lookMs: 0 }
  await using a = openLogFile(options)
  await using b = openLogFile(options)
  const written: string[] = []
  const all = async () =>
    (await Promise.all((await folder.names()).map((name) => folder.text(name)))).join('').split('\n').sort()
  for (const [day, ...files] of [
    [9, a, b],
    [10, a, b],
    [11, a],
    [13, b, a],
  ] as const) {
    now = at(day, 12)
    for (const file of files) {
      const line = `${day} of ${file === a ? 'a' : 'b'}`
      written.push(line)
      file.write(`${line}\n`)
    }
    await until(async () => (await all().catch(() => [])).filter(Boolean).length === written.length)
  }
  assert.deepEqual((await all()).filter(Boolean), written.sort())
})

test('a file that was moved away is left to who did it, and a new one begun', async () => {
  await using folder = await openFolder()
  await using file = openLogFile({ path: folder.path, tell: untold, lookMs: 0 })
  file.write('one\n')
  await folder.holds('one\n')
  await rename(folder.path, join(folder.logs, 'connect.log.1'))
  file.write('two\n')
  await folder.holds('two\n')
  assert.equal(await folder.text('connect.log.1'), 'one\n')
})

test('a folder that cannot be had is told of once, and what was not written when it can be had again', async () => {
  await using folder = await openFolder()
  await writeFile(folder.logs, 'a file where the folder should be')
  const told: string[] = []
  const tell = (level: string, message: string): void => void told.push(`${level} ${message}`)
  await using file = openLogFile({ path: folder.path, tell, againMs: 0 })
  for (const line of ['one\n', 'two\n', 'three\n']) {
    file.write(line)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => told.length > 0)
  assert.equal(told.length, 1)
  assert.match(
    told[0] ?? '',
    /^warn The log cannot be written to .*connect\.log, and goes on without that file: E/,
  )
  // until the last of them was tried
  await file[Symbol.asyncDispose]()
  await rm(folder.logs)
  file.write('four\n')
  await folder.holds('four\n')
  assert.equal(told.length, 2)
  assert.match(told[1] ?? '', /^info .*connect\.log is written again; 3 lines are missing in it\.$/)
})

test('a full disk is told of, and left alone for a while', {
  skip: process.platform !== 'linux',
}, async () => {
  const told: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const tell = (_: string, message: string): void => {
    told.push(message)
    resolve()
  }
  await using file = openLogFile({ path: '/dev/full', tell })
  file.write('one\n')
  await promise
  file.write('two\n')
  await file[Symbol.asyncDispose]()
  assert.match(told.join('\n'), /^.*ENOSPC.*$/)
})

test('a disk that does not answer holds nothing up, and little memory', {
  skip: process.platform === 'win32',
}, async () => {
  await using folder = await openFolder()
  await mkdir(folder.logs)
  // opened only once somebody reads it
  execFileSync('mkfifo', [folder.path])
  const told: string[] = []
  const file = openLogFile({ path: folder.path, tell: (_, message) => void told.push(message) })
  file.write('first\n')
  await wait(0)
  const line = `${'x'.repeat(1023)}\n`
  for (let index = 0; index < 5000; index++) file.write(line)
  await file[Symbol.asyncDispose]()
  await using reader = await open(folder.path, 'r')
  let size = 0
  const expected = 'first\n'.length + 4096 * line.length
  while (size < expected) {
    const { bytesRead } = await reader.read(Buffer.alloc(65_536))
    if (bytesRead === 0) break
    size += bytesRead
  }
  assert.equal(size, expected)
  await until(() => told.length > 0)
  assert.match(told.join('\n'), /^.*904 lines are missing in it\.$/)
})

test('a process that ends at once has written all of its lines', async () => {
  await using folder = await openFolder()
  const settings = new URL('settings.ts', import.meta.url).href
  // while the file is not yet open, and while lines are on their way
  for (const [turns, code] of [
    [0, 3],
    [1, 4],
    [25, 5],
  ] as const) {
    const program = `
      const { logWithFile } = await import(${JSON.stringify(settings)})
      const { log } = logWithFile(process.env)
      for (let turn = 0; turn <= ${turns}; turn++) {
        for (let line = 0; line < 20; line++) log({ level: 'info', logger: 'a.b', context: '', message: turn + ' ' + line })
        if (turn < ${turns}) await new Promise((resolve) => setImmediate(resolve))
      }
      process.exit(${code})`
    const path = join(folder.logs, `of-${code}.log`)
    const env = { ...process.env, ISTHMUS_LOG_FILE: path }
    const { exit, said } = await new Promise<{ exit: unknown; said: string }>((resolve) =>
      execFile(process.execPath, ['--input-type=module', '-e', program], { env }, (error, _, stderr) =>
        resolve({ exit: error?.code, said: stderr }),
      ),
    )
    assert.equal(exit, code, said)
    const lines = (text: string) => text.split('\n').sort()
    assert.equal(lines(said).length, 20 * (turns + 1) + 1)
    assert.deepEqual(lines(await folder.text(`of-${code}.log`)), lines(said))
  }
})
