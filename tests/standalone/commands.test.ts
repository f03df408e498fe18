import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openBroker } from '@isthmus/broker'
import { startChild } from '../process/child.ts'
import { workerProps } from '../process/file-copy.ts'
import { connectStandaloneScript } from '../process/isthmus.ts'
import { freePorts } from '../process/ports.ts'
import { writeProperties } from '../process/properties-file.ts'
import { openTempDir } from '../process/temp-dir.ts'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const root = at('')
const distributedScript = at('bin/connect-distributed.sh')
const isthmus = at('packages/isthmus/src/bin/isthmus.ts')
const command = (...args: readonly string[]) => startChild(process.execPath, [isthmus, ...args])
const TRACE = /\n\s+at .*:\d+/

// how each of these arguments is taken is one function, and has a test of its own
test('every command takes --help and its kind, and says what is wrong with its arguments', async () => {
  const version = /^Isthmus \d+\.\d+\.\d+ \(Kafka Connect 4\.3\.1\)\n$/
  const cases: readonly (readonly [name: string, args: readonly string[], code: number, said: RegExp])[] = [
    [process.execPath, [isthmus, '--version'], 0, version],
    [process.execPath, [isthmus], 1, /^Usage: isthmus <command>/],
    [process.execPath, [isthmus, '--bogus'], 1, /^Unknown option '--bogus'\. See isthmus --help\.\n$/],
    [
      process.execPath,
      [isthmus, 'brocker'],
      1,
      /^Unknown command 'brocker'; did you mean 'broker'\? See .*\n$/,
    ],
    [process.execPath, [isthmus, 'help'], 0, /^Usage: isthmus <command>/],
    [process.execPath, [isthmus, 'help', 'distributed'], 0, /^Usage: isthmus distributed/],
    [process.execPath, [isthmus, 'help', 'quickstrat'], 1, /did you mean 'quickstart'/],
    [process.execPath, [isthmus, 'broker', '-h'], 0, /Usage: isthmus broker/],
    [process.execPath, [isthmus, 'quickstart', '--help'], 0, /Usage: isthmus quickstart/],
    [process.execPath, [isthmus, 'standalone', '--bogus'], 1, /See isthmus standalone --help/],
    [process.execPath, [isthmus, 'connect-standalone'], 1, /^Usage: isthmus standalone/],
    [connectStandaloneScript, ['--help'], 0, /Usage: isthmus standalone/],
    [distributedScript, ['-help'], 0, /Usage: isthmus distributed/],
    [distributedScript, ['--version'], 0, version],
  ]
  for (const [name, args, code, said] of cases) {
    await using child = startChild(name, args)
    assert.equal(await child.ended, code, `${name} ${args}`)
    assert.match(child.output(), said)
    assert.doesNotMatch(child.output(), TRACE)
  }
})

test('what a user can mend is one line, without a trace', async () => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  await writeFile(dir.at('taken'), '')
  await writeFile(dir.at('bad.json'), '{"name": "a",')
  const worker = await writeProperties(dir.at('worker.properties'), {
    ...workerProps(broker.bootstrapServers, dir.at('offsets')),
    listeners: 'http://127.0.0.1:0',
  })
  const cases: readonly (readonly [
    args: readonly string[],
    code: number,
    said: RegExp,
    env?: { readonly [name: string]: string },
  ])[] = [
    [['broker', '--port', 'x'], 1, /--port takes a number from 0 to 65535, not 'x'/],
    [['broker', 'x'], 1, /takes options only, not 'x'/],
    [['broker', '--port', '0', '--data-dir', dir.at('taken')], 1, /there is a file of that name/],
    [
      ['broker', '--port', '0', '--data-dir', dir.at('broker')],
      1,
      /is in use by process \d+: stop that broker/,
    ],
    [
      ['broker', '--port', String(broker.port), '--data-dir', dir.at('b')],
      1,
      /EADDRINUSE.*name another port with --port/,
    ],
    [['broker'], 1, /ISTHMUS_LOG_LEVEL=bogus: Unknown log level/, { ISTHMUS_LOG_LEVEL: 'bogus' }],
    [
      ['connect-standalone', worker],
      2,
      /ISTHMUS_LOG_LEVEL=bogus: Unknown log level/,
      { ISTHMUS_LOG_LEVEL: 'bogus' },
    ],
    [
      ['connect-distributed', worker],
      2,
      /ISTHMUS_LOG_FORMAT=xml: use text or json/,
      { ISTHMUS_LOG_FORMAT: 'xml' },
    ],
    [['connect-standalone', dir.at('none')], 2, /worker file .*none cannot be read: there is no such file/],
    [['connect-standalone', worker, dir.at('bad.json')], 3, /bad\.json' is missing.*not valid JSON/],
  ]
  for (const [args, code, said, env = {}] of cases) {
    await using child = startChild(process.execPath, [isthmus, ...args], { env })
    assert.equal(await child.ended, code, `${args}: ${child.output()}`)
    assert.match(child.output(), said)
    assert.doesNotMatch(child.output(), TRACE)
  }
})

test('a quickstart takes other ports where its own are taken', async () => {
  await using dir = await openTempDir()
  await using stack = new AsyncDisposableStack()
  for (const port of [8083, 9092]) {
    const server = createServer().listen(port, '127.0.0.1')
    const taken = await once(server, 'listening').then(
      () => stack.defer(() => void server.close()),
      (error: NodeJS.ErrnoException) => error.code === 'EADDRINUSE',
    )
    assert.notEqual(taken, false)
  }
  const env = { ISTHMUS_QUICKSTART_DIR: dir.at('quickstart') }
  await using child = startChild(process.execPath, [isthmus, 'quickstart', '--once'], { env })
  assert.equal(await child.ended, 0, child.output())
  assert.match(child.output(), /Copied 100,000 lines/)
  assert.doesNotMatch(child.output(), /:(8083|9092)\b/)
})

test('a second quickstart in the same folder says who has it', async () => {
  await using dir = await openTempDir()
  const env = { ISTHMUS_QUICKSTART_DIR: dir.at('quickstart') }
  await using first = startChild(process.execPath, [isthmus, 'quickstart'], { env })
  await first.printed('All is copied', 120_000)
  await using second = startChild(process.execPath, [isthmus, 'quickstart'], { env })
  assert.equal(await second.ended, 1)
  assert.match(second.output(), /is in use by process \d+/)
  assert.doesNotMatch(second.output(), TRACE)
})

test('a hangup stops a worker and a broker as SIGTERM does, but what was started to outlive its terminal', async () => {
  await using dir = await openTempDir()
  await mkdir(dir.at('broker/topics'), { recursive: true })
  await writeFile(dir.at('broker/topics/notes'), '')
  await using broker = command('broker', '--port', '0', '--data-dir', dir.at('broker'))
  await broker.printed(/listening on (\S+),/)
  // what the broker has to say about its data is said
  assert.match(broker.output(), /WARN .*topics\/notes is no folder of a topic.*\(isthmus\.broker\)/)
  const [, servers = ''] = /listening on (\S+),/.exec(broker.output()) ?? []
  const worker = await writeProperties(dir.at('worker.properties'), {
    ...workerProps(servers, dir.at('offsets')),
    listeners: 'http://127.0.0.1:0',
  })
  {
    await using child = startChild(connectStandaloneScript, [worker])
    await child.printed('Kafka Connect started')
    child.kill('SIGHUP')
    assert.equal(await child.ended, 0)
    assert.match(child.output(), /Kafka Connect stopped/)
  }
  {
    await using child = startChild('nohup', [connectStandaloneScript, worker])
    await child.printed('Kafka Connect started')
    child.kill('SIGHUP')
    const [, url = ''] = /advertising URL (\S+)/.exec(child.output()) ?? []
    assert.equal((await fetch(url)).status, 200)
    assert.doesNotMatch(child.output(), /Kafka Connect stopping/)
    child.kill('SIGTERM')
    assert.equal(await child.ended, 0)
  }
  broker.kill('SIGHUP')
  assert.equal(await broker.ended, 0)
})

test('a script of npm in the background ends with npm', async () => {
  await using dir = await openTempDir()
  const [port] = await freePorts(1)
  const args = ['run', 'broker', '--', '--port', String(port), '--data-dir', dir.at('broker')]
  await using npm = startChild('npm', args, { cwd: root })
  await npm.printed('listening on')
  npm.kill('SIGTERM')
  // its outputs are closed when the last process that has them has ended
  await npm.ended
  await using again = command('broker', '--port', String(port), '--data-dir', dir.at('broker'))
  await again.printed('listening on')
})

test('who stops reading ends a quickstart without a trace, and no worker', async () => {
  await using dir = await openTempDir()
  const child = spawn(process.execPath, [isthmus, 'quickstart'], {
    env: { ...process.env, ISTHMUS_QUICKSTART_DIR: dir.at('quickstart') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
  assert.equal(said, '')

  await using broker = await openBroker({ dataDir: dir.at('broker') })
  const worker = await writeProperties(dir.at('worker.properties'), {
    ...workerProps(broker.bootstrapServers, dir.at('offsets')),
    listeners: 'http://127.0.0.1:0',
  })
  const running = spawn(process.execPath, [isthmus, 'connect-standalone', worker], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await once(running.stderr, 'data')
  running.stderr.destroy()
  // it goes on until it is asked to stop: a trace would have ended it with 1
  const exited = once(running, 'exit')
  running.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
})
