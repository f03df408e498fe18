/**
 * `node scripts/test.ts [prefix…]`: every test of the repository, or those whose paths begin so. Where Java and Maven are there,
 * one Apache Kafka serves them all (`ISTHMUS_KAFKA`), and Java Connect may be started beside ours.
 */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openApacheKafka } from '../tests/apache/apache.ts'
import { classArchive } from '../tests/apache/class-archive.ts'
import { apacheIsPossible } from '../tests/apache/jars.ts'
import { runSuite } from './test/suite.ts'

const LONGEST_MS = 30 * 60_000

const root = fileURLToPath(new URL('..', import.meta.url))
const prefixes = process.argv.slice(2)
/** Whole workers take minutes: they come first, so that nobody waits for the last of them alone. */
const slowestFirst = (a: string, b: string): number =>
  Number(b.startsWith('tests/')) - Number(a.startsWith('tests/')) || (a < b ? -1 : 1)
const files = globSync(['{packages/*/src,examples,scripts,tests}/**/*.test.ts'], {
  cwd: root,
  // what is made of them is tested where it was made
  exclude: ['**/templates/**'],
})
  .filter((file) => prefixes.length === 0 || prefixes.some((prefix) => file.startsWith(prefix)))
  .sort(slowestFirst)
  .map((file) => join(root, file))

process.exitCode = await run()

async function run(): Promise<number> {
  if (files.length === 0) {
    console.error(`No test file begins with ${prefixes.join(' or ')}.`)
    return 1
  }
  await using stack = new AsyncDisposableStack()
  // processes and threads are started by the hundred, and each would compile the same sources anew
  process.env['NODE_COMPILE_CACHE'] ??= join(root, '.cache', 'compiled')
  process.env['ISTHMUS_CACHE_DIR'] ??= join(root, '.cache')
  // what programs print is judged as plain text; some colour it for CI and FORCE_COLOR, terminal or not
  process.env['NO_COLOR'] = '1'
  delete process.env['FORCE_COLOR']
  if (process.env['ISTHMUS_KAFKA'] === undefined) {
    if (apacheIsPossible()) {
      await classArchive().then(
        (archive) => {
          process.env['ISTHMUS_CLASS_ARCHIVE'] = archive
        },
        (error: Error) => console.error(`\nJava starts without a class archive: ${error.message}\n`),
      )
      process.env['ISTHMUS_KAFKA'] = stack.use(await openApacheKafka()).bootstrapServers
    } else {
      console.error('\nSKIPPED: Apache Kafka suites (java or mvn not found)\n')
      if (process.env['CI'] === 'true') return 1
    }
  }
  const stop = new AbortController()
  const abort = (): void => stop.abort()
  process.once('SIGINT', abort).once('SIGTERM', abort)
  const timer = setTimeout(() => {
    console.error(`The tests have not ended within ${LONGEST_MS / 60_000} minutes.`)
    abort()
  }, LONGEST_MS)
  try {
    return await runSuite(files, { root, keep: join(root, '.cache', 'failed'), signal: stop.signal })
  } finally {
    clearTimeout(timer)
    process.off('SIGINT', abort).off('SIGTERM', abort)
  }
}
