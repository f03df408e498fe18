import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fromArchive, smallJvm } from '../apache/apache.ts'
import { apacheClassPath, apacheIsPossible } from '../apache/jars.ts'
import { type Child, startChild } from '../process/child.ts'
import { freePorts } from '../process/ports.ts'
import { openTempDir } from '../process/temp-dir.ts'

// Groups and transactions of our broker, and of Apache Kafka where one runs, used by Java's own clients.

const program = fileURLToPath(new URL('java/Coordinators.java', import.meta.url))
const main = fileURLToPath(import.meta.resolve('@isthmus/broker/main'))
const skip = apacheIsPossible() ? false : 'java or mvn not found'

async function startBroker(dataDir: string, port: number): Promise<Child> {
  const child = startChild(process.execPath, [main, '--data-dir', dataDir, '--port', String(port)])
  await child.printed('listening')
  return child
}

const java = async (servers: string, prefix: string, what: string) => {
  const options = [...smallJvm, ...fromArchive(), '-cp', await apacheClassPath()]
  return startChild('java', [...options, program, servers, prefix, what], {
    stdin: 'pipe',
    longestMs: 120_000,
  })
}

/** What the program said, without what the clients log. */
const saidBy = (child: Child): Record<string, string> =>
  Object.fromEntries(
    child
      .output()
      .split('\n')
      .flatMap((line) => {
        const match = /^([a-z][a-z ]*): (.*)$/.exec(line)
        return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]]]
      }),
  )

const expected = {
  transactions: {
    committed: '150',
    'aborted but read': '0',
    written: '300',
    consumed: '10',
    'aborted offset': 'null',
    'committed offset': '5',
    described: 'Ongoing',
    fenced: 'ProducerFencedException',
    'in the end': '151',
  },
  groups: {
    shared: '2+2',
    state: 'Stable',
    members: '2',
    seen: '800',
    left: 'Empty',
    offsets: '800',
    static: '2+2 after 0 rebalances',
    'still there': '2',
    removed: 'Empty',
    altered: 'seven',
    'deleted offset': 'null',
    listed: '0',
  },
}

for (const what of ['transactions', 'groups'] as const)
  test(`Java's clients find ${what} as Kafka has them`, { skip, timeout: 180_000 }, async (t) => {
    await using stack = new AsyncDisposableStack()
    const dir = stack.use(await openTempDir())
    const [port = 0] = await freePorts(1)
    stack.use(await startBroker(dir.path, port))
    const targets = { ours: `127.0.0.1:${port}`, Apache: process.env['ISTHMUS_KAFKA'] }
    for (const [name, servers] of Object.entries(targets))
      await t.test(name, { skip: servers ? false : 'ISTHMUS_KAFKA is not set' }, async () => {
        await using child = await java(servers ?? '', `clients-${randomUUID()}`, what)
        assert.equal(await child.ended, 0, child.output())
        assert.deepEqual(saidBy(child), expected[what], child.output())
      })
  })

test('a Java producer finishes its transaction over a broker killed in the middle of it', {
  skip,
  timeout: 120_000,
}, async () => {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const [port = 0] = await freePorts(1)
  const first = stack.use(await startBroker(dir.path, port))
  const child = stack.use(await java(`127.0.0.1:${port}`, 'killed', 'interrupted'))
  await child.printed('open: ', 60_000)
  first.kill('SIGKILL')
  await first.ended
  stack.use(await startBroker(dir.path, port))
  child.stdin?.end('\n')
  assert.equal(await child.ended, 0, child.output())
  assert.deepEqual(saidBy(child), {
    open: '0',
    'still open': '0',
    committed: '[before, after]',
    offset: '1',
  })
})
