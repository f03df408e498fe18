/**
 * `node bench/plugins.ts [--plugins 100] [--rounds 3]`: what finding plugins adds to the start of a worker. Each plugin is a folder with a
 * package.json and two modules of TypeScript, the first of which imports the SDK. They are found in a process of their own: without any,
 * for the first time, and known by the cache. Prints milliseconds until all are found.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { scanPlugins } from '@isthmus/runtime/testing'
import { loadAverage } from './machine.ts'

const { values } = parseArgs({
  options: {
    plugins: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    find: { type: 'string' },
  },
})

if (values.find !== undefined) await find(values.find)
else await measure(Number(values.plugins), Number(values.rounds))

/** In a process of its own: finds all, and prints how long that took. */
async function find(path: string): Promise<void> {
  const started = performance.now()
  const { plugins } = await scanPlugins(
    { 'plugin.path': path === '' ? [] : [path], 'plugin.exclude': [] },
    {},
  )
  console.log(JSON.stringify({ ms: Math.round(performance.now() - started), plugins: plugins.length }))
}

async function measure(count: number, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-plugins-'))
  const path = join(folder, 'plugins')
  for (let at = 0; at < count; at++) await writePlugin(join(path, `p${at}`), at)
  const env = {
    ...process.env,
    ISTHMUS_CACHE_DIR: join(folder, 'cache'),
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  }
  const ask = (what: string, plugins: string) => {
    const text = execFileSync(process.execPath, [import.meta.filename, '--find', plugins], {
      env,
      encoding: 'utf8',
    })
    console.log(`${what.padEnd(8)} ${text.trim()}`)
  }
  console.log(`load average ${loadAverage()}`)
  for (let round = 0; round < rounds; round++) {
    await rm(join(folder, 'cache'), { recursive: true, force: true })
    ask('none', '')
    ask('first', path)
    ask('known', path)
  }
  await rm(folder, { recursive: true })
}

async function writePlugin(folder: string, at: number): Promise<void> {
  await mkdir(join(folder, 'lib'), { recursive: true })
  await writeFile(join(folder, 'package.json'), '{"type":"module","exports":"./index.ts"}')
  await writeFile(
    join(folder, 'index.ts'),
    `import { transform } from '@isthmus/sdk'
import { same } from './lib/same.ts'
export const T = transform({ class: 'bench.T${at}', version: '1.${at}', apply: (record) => same(record) })`,
  )
  await writeFile(join(folder, 'lib/same.ts'), 'export const same = <T>(record: T): T => record')
}
