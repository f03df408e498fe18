/**
 * `node scripts/test.ts [prefix…]`: every test of the repository, or those whose paths begin so. Where Java and Maven are there,
 * one Apache Kafka serves them all (`ISTHMUS_KAFKA`), and Java Connect may be started beside ours.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openApacheKafka } from '../tests/apache/apache.ts'
import { apacheIsPossible } from '../tests/apache/jars.ts'

const LONGEST_MS = 30 * 60_000
const LONGEST_TEST_MS = 4 * 60_000

const root = fileURLToPath(new URL('..', import.meta.url))
const prefixes = process.argv.slice(2)
const files = globSync(['{packages/*/src,scripts,tests}/**/*.test.ts'], { cwd: root })
  .filter((file) => prefixes.length === 0 || prefixes.some((prefix) => file.startsWith(prefix)))
  .sort()

process.exitCode = await run()

async function run(): Promise<number> {
  if (files.length === 0) {
    console.error(`No test file begins with ${prefixes.join(' or ')}.`)
    return 1
  }
  await using stack = new AsyncDisposableStack()
  // processes and threads are started by the hundred, and each would compile the same sources anew
  const env: NodeJS.ProcessEnv = { NODE_COMPILE_CACHE: join(root, '.cache', 'compiled'), ...process.env }
  if (env['ISTHMUS_KAFKA'] === undefined) {
    if (apacheIsPossible()) {
      env['ISTHMUS_KAFKA'] = stack.use(await openApacheKafka()).bootstrapServers
    } else {
      console.error('\nSKIPPED: Apache Kafka suites (java or mvn not found)\n')
      if (env['CI'] === 'true') return 1
    }
  }
  return await runNode(env)
}

async function runNode(env: NodeJS.ProcessEnv): Promise<number> {
  const options = [
    '--test',
    '--test-concurrency=3',
    `--test-timeout=${LONGEST_TEST_MS}`,
    '--test-reporter=spec',
  ]
  const child = spawn(process.execPath, [...options, ...files], { cwd: root, env, stdio: 'inherit' })
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  process.once('SIGINT', forward).once('SIGTERM', forward)
  const timer = setTimeout(() => {
    console.error(`The tests have not ended within ${LONGEST_MS / 60_000} minutes.`)
    child.kill('SIGTERM')
  }, LONGEST_MS)
  const [code] = await once(child, 'exit')
  clearTimeout(timer)
  process.off('SIGINT', forward).off('SIGTERM', forward)
  return typeof code === 'number' ? code : 1
}
