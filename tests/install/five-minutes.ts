/**
 * `node tests/install/five-minutes.ts`: from an empty folder to a tested connector, as its author goes, from the packed tarballs alone. Prints what
 * each step took; fails when one does, or when they take more than five minutes.
 */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packAll } from '../../scripts/pack/pack.ts'
import { startChild } from '../process/child.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { usersEnv } from './users-env.ts'

const run = promisify(execFile)
const LONGEST_MS = 5 * 60_000
const STEP_MS = 120_000

const env = usersEnv()

let total = 0
/** One thing that the author does. */
async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const result = await act()
  const ms = performance.now() - begun
  total += ms
  console.log(`${(ms / 1000).toFixed(1).padStart(6)} s  ${what}`)
  return result
}

await using dir = await openTempDir()
const packed = await packAll(dir.at('dist'))
const tarball = (name: string): string => {
  const found = packed.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${name} is not among the packages`)
  return found.tarball
}
const author = dir.at('author')
const folder = join(author, 'my-api')
const command = async (cwd: string, name: string, ...args: readonly string[]): Promise<string> => {
  const { stdout } = await run(name, [...args], { cwd, env, timeout: STEP_MS })
  return stdout
}
const npm = ['install', '--prefer-offline', '--no-audit', '--no-fund']

await mkdir(author)
// what depends on another is not found in a registry before that is published
await step('npm install isthmus', () =>
  command(author, 'npm', ...npm, ...['isthmus', '@isthmus/sdk'].map(tarball)),
)
await step('npx isthmus create source my-api', () =>
  command(author, 'npx', 'isthmus', 'create', 'source', 'my-api'),
)
await step('npm install', () =>
  command(
    folder,
    'npm',
    ...npm,
    '--save-dev',
    ...['isthmus', '@isthmus/sdk', '@isthmus/client', '@isthmus/testkit'].map(tarball),
  ),
)
await step('npm test', () => command(folder, 'npm', 'test'))
await step('npm run check', () => command(folder, 'npm', 'run', 'check'))
{
  await using dev = startChild(join(folder, 'node_modules/.bin/isthmus'), ['dev', '.'], { cwd: folder, env })
  await step('npx isthmus dev . prints the first record', () => dev.printed(/"Hello number 1"/, STEP_MS))
  const [, kafka = ''] = /Kafka +(\S+)/.exec(dev.output()) ?? []
  const consume = [
    'consume',
    'my-api',
    '--from-beginning',
    '--max-messages',
    '3',
    '--bootstrap-server',
    kafka,
  ]
  const seen = await step('npx isthmus consume my-api', () => command(folder, 'npx', 'isthmus', ...consume))
  if (!seen.startsWith('{"number":1,"text":"Hello number 1"}\n{"number":2,'))
    throw new Error(`consume printed\n${seen}`)
  const code = join(folder, 'src/index.ts')
  const changed = (await readFile(code, 'utf8')).replace('Hello number', 'Good day, number')
  const records = () => [...dev.output().matchAll(/"number":(\d+)/g)].map(([, number]) => Number(number))
  await step('a change is saved, and records come of it', async () => {
    await writeFile(code, changed)
    await dev.printed(/Good day, number/, STEP_MS)
  })
  const numbers = records()
  if (numbers.some((number, index) => number !== index + 1))
    throw new Error(`records went on as ${numbers.join(', ')}:\n${dev.output()}`)
  await step('Ctrl-C', async () => {
    dev.kill('SIGINT')
    const how = await dev.ended
    if (how !== 0) throw new Error(`isthmus dev ended with ${how}:\n${dev.output()}`)
  })
}
console.log(`${(total / 1000).toFixed(1).padStart(6)} s  in all`)
if (total > LONGEST_MS) throw new Error('That is more than five minutes.')
