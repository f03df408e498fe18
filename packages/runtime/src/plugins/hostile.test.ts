import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Scan } from './descriptor.ts'
import { scanApart } from './scan-apart.ts'

/** What code does while it is imported, and the line about it; null where the plugin is found and nothing is to be said. */
const DEEDS: { readonly [name: string]: readonly [code: string, said: RegExp | null] } = {
  throws: [`throw new Error('no')`, /^Failed to load plugins from .*: no \(.*throws\.mjs:1:7\)$/],
  exits: ['process.exit(3)', /its code ended the process with exit code 3; it is left out/],
  aborts: ['process.abort()', /its code ended the process with the signal SIGABRT/],
  'kills-itself': [`process.kill(process.pid, 'SIGKILL')`, /its process was ended by the signal SIGKILL/],
  'kills-the-worker': ['process.kill(process.ppid)', /process\.kill\(\d+\) would end the worker/],
  'kills-the-group': ['process.kill(0)', /process\.kill\(0\) would end the worker/],
  'is-killed-once': [
    `import { existsSync, writeFileSync } from 'node:fs'
    const file = import.meta.filename + '.was'
    if (!existsSync(file)) { writeFileSync(file, ''); process.kill(process.pid, 'SIGKILL') }`,
    null,
  ],
  loops: ['for (;;);', /it was not imported within 3 s/],
  waits: ['await new Promise(() => {})', /a top-level await in it never settles/],
  blocks: ['Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)', /it was not imported within 3 s/],
  hoards: ['const all = []; for (;;) all.push(new Array(1e6).fill({}))', /ran out of memory|within 3 s/],
  'hoards-buffers': [
    'const all = []; for (;;) all.push(Buffer.alloc(2 ** 24, 1))',
    /it took \d+ MiB of memory, and may take \d+|within 3 s/,
  ],
  // that is there until the end of the test, and holds the pipe for errors
  'leaves-a-process': [
    `import { spawn } from 'node:child_process'
    import { writeFileSync } from 'node:fs'
    const child = spawn('sleep', ['600'], { stdio: 'inherit', detached: true })
    child.unref()
    writeFileSync(import.meta.filename + '.pid', String(child.pid))`,
    null,
  ],
  'rejects-later': [`setImmediate(() => Promise.reject(new Error('later')))`, null],
  'throws-later': ['setImmediate(() => { throw null })', null],
  'catches-all': [`process.on('uncaughtException', () => {}); process.on('exit', () => { for (;;); })`, null],
  'keeps-exiting-off': ['process.exit = () => {}; process.reallyExit = () => {}', null],
  'closes-descriptors': [
    `import { closeSync } from 'node:fs'\nfor (let fd = 0; fd < 50; fd++) closeSync(fd)`,
    /EBADF: the descriptor 0 was not opened by this code/,
  ],
  'closes-them-quietly': [
    `import fs from 'node:fs'\nfor (let fd = 0; fd < 50; fd++) try { fs.closeSync(fd) } catch {}`,
    null,
  ],
  'closes-twice': [
    `import fs from 'node:fs'
    import { promisify } from 'node:util'
    const close = promisify(fs.close)
    const fd = fs.openSync(import.meta.filename)
    await close(fd)
    const again = new Promise((told) => fs.close(fd, told))
    if ((await again).code !== 'EBADF') throw new Error('closed twice')`,
    null,
  ],
  // and what comes next in its process
  'keeps-exiting-off-and-pollutes': [
    'process.exit = () => {}; process.reallyExit = () => {}; Object.prototype.more = 1',
    /keeps-exiting-off-and-pollutes\.mjs changes JavaScript for all code in its thread: Object\.prototype\.more$/,
  ],
  'closes-its-own': [
    `import fs from 'node:fs'\nfs.closeSync(fs.openSync(import.meta.filename)); fs.open(import.meta.filename, (_, fd) => fs.close(fd))`,
    null,
  ],
  'ends-its-streams': ['process.stdin.destroy(); process.stdout.destroy(); process.stderr.destroy()', null],
  prints: [
    `const mb = 'x'.repeat(2 ** 20) + '\\n'; for (let i = 0; i < 100; i++) process.stdout.write(mb)`,
    null,
  ],
  'prints-errors': [`for (let i = 0; i < 1e4; i++) console.error('x'.repeat(100))`, null],
  'breaks-map': ['Array.prototype.map = () => []', /its import breaks Array\.prototype\.map for all code/],
  'breaks-push': ['delete Array.prototype.push', /its import breaks Array\.prototype\.push/],
  'breaks-json': [`JSON.parse = () => { throw new Error('mine') }`, /its import breaks JSON\.parse/],
  'breaks-stringify': [`JSON.stringify = () => '{}'`, /its import breaks JSON\.stringify/],
  'breaks-timers': ['globalThis.setTimeout = () => {}', /its import breaks setTimeout/],
  'breaks-promises': ['globalThis.Promise = class {}', /its import breaks Promise/],
  pollutes: [
    'Object.prototype.polluted = 1; Array.prototype.last = function () {}',
    /pollutes\.mjs changes JavaScript for all code in its thread: Object\.prototype\.polluted, Array\.prototype\.last$/,
  ],
  wraps: [
    'const { parse } = JSON; JSON.parse = (text, revive) => parse(text, revive)',
    /wraps\.mjs changes JavaScript for all code in its thread: JSON\.parse$/,
  ],
  polyfills: ['Array.prototype.at ??= 1; globalThis.fetch = () => {}; Symbol.mine ??= Symbol()', null],
  'spoils-stacks': [`Error.prepareStackTrace = () => { throw new Error('stack') }`, null],
  'hides-process': ['globalThis.process = undefined', null],
  moves: [`process.chdir('/'); process.env.PATH = ''; process.title = 'mine'`, null],
  threads: [`import { Worker } from 'node:worker_threads'\nnew Worker('for (;;);', { eval: true })`, null],
  listens: [
    `import { createServer } from 'node:net'\ncreateServer().listen(0); setInterval(() => {}, 1)`,
    null,
  ],
  speaks: [
    `import { writeSync } from 'node:fs'\nwriteSync(3, '{"plugins":[{}],"warnings":[]}\\n')`,
    /its code wrote to the pipe of the scan/,
  ],
  'speaks-long': [
    `import { writeSync } from 'node:fs'\nconst part = 'x'.repeat(65536); for (let i = 0; i < 40; i++) writeSync(3, part)`,
    /its code wrote to the pipe of the scan/,
  ],
  'lies-of-itself': [
    `export const Lies = { type: 'source', get class() { throw new Error('who asks') } }`,
    /Failed to load plugins from .*: .*who asks/,
  ],
}

const plugin = (name: string) =>
  `export const T = { type: 'transformation', class: 'my.${name}', version: '1', config: {}, open() {} }`

describe('code that is imported for the first time', () => {
  let path: string
  let scan: Scan
  before(async () => {
    path = await mkdtemp(join(tmpdir(), 'isthmus-hostile-'))
    for (const [name, [code]] of Object.entries(DEEDS))
      await writeFile(join(path, `${name}.mjs`), `${code}\n${plugin(name)}`)
    // before and behind all others, and among them
    for (const good of ['a-good', 'm-good', 'z-good'])
      await writeFile(join(path, `${good}.mjs`), plugin(good))
    scan = await scanApart({ packages: [], paths: [path] }, { moduleMs: 3000 })
  })
  after(async () => {
    process.kill(Number(await readFile(join(path, 'leaves-a-process.mjs.pid'), 'utf8')))
    await rm(path, { recursive: true })
  })

  it('keeps no other plugin from being found', () => {
    const found = scan.plugins.map((one) => one.class)
    for (const good of ['a-good', 'm-good', 'z-good']) assert.ok(found.includes(`my.${good}`), good)
  })

  for (const [name, [, said]] of Object.entries(DEEDS))
    it(`is found, or told of with what it did: ${name}`, () => {
      const lines = scan.warnings.filter((line) => line.includes(`/${name}.mjs`))
      if (said === null) {
        assert.deepEqual(lines, [])
        assert.ok(scan.plugins.some((one) => one.class === `my.${name}`))
      } else {
        assert.equal(lines.length, 1, lines.join('\n'))
        assert.match(lines[0] ?? '', said)
      }
    })
})
