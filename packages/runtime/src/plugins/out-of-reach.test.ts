import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

/** Scans where only so many files more can be opened, and prints what becomes of it. */
const SCRIPT = `
import { closeSync, openSync } from 'node:fs'
import { scanApart } from ${JSON.stringify(import.meta.resolve('./scan-apart.ts'))}
import { packagesBeside } from ${JSON.stringify(import.meta.resolve('./beside.ts'))}
const path = process.argv[1]
const open = []
try { for (;;) open.push(openSync('/dev/null')) } catch {}
const outcomes = []
for (const left of [0, 1, 4]) {
  for (let at = 0; at < left; at++) closeSync(open.pop())
  outcomes.push(await scanApart({ packages: [], paths: [path] }).catch(({ message }) => message))
  try { for (;;) open.push(openSync('/dev/null')) } catch {}
}
try { outcomes.push(packagesBeside(path)) } catch ({ message }) { outcomes.push(message) }
for (const fd of open) closeSync(fd)
outcomes.push((await scanApart({ packages: [], paths: [path] })).plugins.map((one) => one.class))
console.log(JSON.stringify(outcomes))
`

describe('a scan where no more files can be opened', { skip: process.platform === 'win32' }, () => {
  it('fails, and loses no plugin', async () => {
    const path = await mkdtemp(join(tmpdir(), 'isthmus-reach-'))
    try {
      await writeFile(
        join(path, 'a.mjs'),
        `export const A = { type: 'predicate', class: 'my.A', config: {}, open() {} }`,
      )
      const { stdout } = await promisify(execFile)(
        'sh',
        ['-c', 'ulimit -n 256 && exec "$0" --input-type=module -e "$1" "$2"', process.execPath, SCRIPT, path],
        { env: { ...process.env, ISTHMUS_CACHE_DIR: join(path, '.cache') } },
      )
      const outcomes = JSON.parse(stdout) as unknown[]
      assert.deepEqual(outcomes.pop(), ['my.A'])
      assert.equal(outcomes.length, 4)
      for (const one of outcomes) assert.match(String(one), /EMFILE|too many files are open/)
    } finally {
      await rm(path, { recursive: true })
    }
  })
})
