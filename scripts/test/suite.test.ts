import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

/** Plays files of these texts as a suite in a process of its own: a runner within a test would play nothing. */
async function suiteOf(texts: { readonly [file: string]: string }) {
  const root = await mkdtemp(join(tmpdir(), 'isthmus-suite-'))
  try {
    const files = Object.keys(texts)
      .filter((name) => name.endsWith('.test.mjs'))
      .map((name) => join(root, name))
    for (const [name, text] of Object.entries(texts)) await writeFile(join(root, name), text)
    const code = `
      const { runSuite } = await import(${JSON.stringify(new URL('suite.ts', import.meta.url).href)})
      const options = { root: ${JSON.stringify(root)}, keep: ${JSON.stringify(join(root, 'kept'))}, signal: AbortSignal.timeout(60_000) }
      process.exitCode = await runSuite(${JSON.stringify(files)}, options)`
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const main = join(root, 'main.mjs')
    await writeFile(main, code)
    const played = await new Promise<{ exit: number; output: string }>((resolve) => {
      const child = execFile(process.execPath, [main], { env }, (_error, stdout, stderr) =>
        resolve({ exit: child.exitCode ?? -1, output: stdout + stderr }),
      )
    })
    const kept = async (name: string): Promise<string> => readFile(join(root, 'kept', name), 'utf8')
    const outputs = { first: await kept('b.test.mjs.first.txt'), second: await kept('b.test.mjs.second.txt') }
    return { ...played, ...outputs }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const good = `import { test } from 'node:test'; test('good', () => {}); test('left out', { skip: true }, () => {})`
const onlyAlone = `
  import { existsSync, writeFileSync } from 'node:fs'
  import { test } from 'node:test'
  const mark = new URL('mark', import.meta.url)
  test('shy', () => {
    if (existsSync(mark)) return
    writeFileSync(mark, '')
    throw new Error('not before others')
  })`
const bad = `console.log('what it said'); process.exit(3)`

test('a file that fails once and passes alone is called unstable and fails nothing', async () => {
  const suite = await suiteOf({ 'a.test.mjs': good, 'b.test.mjs': onlyAlone })
  assert.equal(suite.exit, 0, suite.output)
  assert.match(suite.output, /UNSTABLE[^\n]*\n {2}b\.test\.mjs\n {6}shy: not before others\n/)
  assert.match(suite.output, /Slowest:\n +\d+\.\d s {2}[ab]\.test\.mjs\n/)
  assert.match(suite.output, /\n2 passed, 0 failed, 1 skipped\n$/)
  assert.match(suite.first, /not before others/)
  assert.match(suite.second, /✔ shy/)
})

test('a file that fails twice fails the suite', async () => {
  const suite = await suiteOf({ 'a.test.mjs': good, 'b.test.mjs': bad })
  assert.equal(suite.exit, 1, suite.output)
  assert.match(suite.output, /FAILED:\n {2}b\.test\.mjs, twice\n/)
  assert.doesNotMatch(suite.output, /UNSTABLE/)
  assert.match(suite.output, /\n1 passed, 1 failed, 1 skipped\n$/)
  assert.match(suite.second, /what it said/)
})

test('a test fails its file also where another module defines it, as contracts are', async () => {
  const suite = await suiteOf({
    'a.test.mjs': good,
    'b.test.mjs': `import { contract } from './contract.mjs'; contract()`,
    'contract.mjs': `
      import { describe, test } from 'node:test'
      export const contract = () => describe('a contract', () => test('broken', () => { throw new Error('promised') }))`,
  })
  assert.equal(suite.exit, 1, suite.output)
  assert.match(suite.output, /FAILED:\n {2}b\.test\.mjs, twice\n {6}broken: promised\n/)
  assert.match(suite.second, /promised/)
})
