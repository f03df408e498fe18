import assert from 'node:assert/strict'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Client, openClient } from '@isthmus/client'
import { parseProperties } from '@isthmus/sdk/java'
import { eventually } from '../process/eventually.ts'
import { holdsExactly } from '../process/lines.ts'
import { freePorts } from '../process/ports.ts'
import { writeProperties } from '../process/properties-file.ts'
import { type Installed, openInstalled } from './installed.ts'
import { loadedBy, noteLoads } from './loads.ts'

const SAMPLE = 'node_modules/isthmus/config/connect-distributed.properties'
const STRING = 'org.apache.kafka.connect.storage.StringConverter'

describe('packages that are installed from their tarballs in an empty folder', { timeout: 300_000 }, () => {
  let installed: Installed
  const stack = new AsyncDisposableStack()
  before(async () => {
    installed = stack.use(await openInstalled(['isthmus', '@isthmus/sdk', '@isthmus/client']))
  })
  after(() => stack.disposeAsync())

  it('say what they are, and each command what it takes', async () => {
    assert.match(
      await installed.run('npx', ['isthmus', '--version']),
      /^Isthmus \d+\.\d+\.\d+ \(Kafka Connect/,
    )
    const { code, output } = await installed.ended('isthmus', ['--help'])
    assert.equal(code, 0, output)
    const commands = Array.from(output.matchAll(/^ {2}(\w+) {2,}\w/gm), ([, name = '']) => name)
    for (const command of ['standalone', 'distributed', 'broker', 'quickstart'])
      assert.ok(commands.includes(command), `${command} is in\n${output}`)
    for (const command of commands) {
      const help = await installed.ended('isthmus', [command, '--help'])
      assert.equal(help.code, 0, help.output)
      assert.match(help.output, new RegExp(`^Usage: (isthmus ${command}|Connect)`))
      assert.match(help.output, /Exit codes: 0 /)
    }
    for (const command of ['connect-standalone', 'connect-distributed']) {
      assert.match((await installed.ended(command, ['--version'])).output, /^Isthmus \d/)
      assert.equal((await installed.ended(command, [])).code, 1)
    }
    assert.equal((await installed.ended('isthmus', ['standalon'])).code, 1)
  })

  it('play the quick start, and keep what was compiled for the next', async () => {
    const { code, output } = await installed.ended('isthmus', ['quickstart', '--once'])
    assert.equal(code, 0, output)
    assert.match(output, /Copied 100,000 lines in/)
    assert.deepEqual((await readdir(installed.at('.quickstart'))).includes('output.txt'), true)
    assert.ok((await readdir(installed.at('node_modules/.cache/isthmus'))).length > 0)
  })

  it('run workers on the broker that they bring, with a plugin in TypeScript and a connector installed beside', async () => {
    await using stack = new AsyncDisposableStack()
    const broker = stack.use(installed.start('isthmus', ['broker', '--port', '0', '--data-dir', 'data']))
    await broker.printed('listening on')
    const bootstrap = /listening on (\S+),/.exec(broker.output())?.[1] ?? ''
    await addConnector(installed)
    const props = (port: number) => ({
      'bootstrap.servers': bootstrap,
      listeners: `http://127.0.0.1:${port}`,
      'key.converter': STRING,
      'value.converter': STRING,
      'plugin.path': 'plugins',
      'offset.flush.interval.ms': '500',
    })
    const input = installed.at('input.txt')
    await writeFile(input, 'one\ntwo\n')

    const [port = 0, other = 0] = await freePorts(2)
    const sink = {
      name: 'append',
      'connector.class': 'install.AppendSinkConnector',
      topics: 'lines',
      file: installed.at('output.txt'),
    }
    const files = [
      await writeProperties(installed.at('worker.properties'), {
        ...props(port),
        'offset.storage.file.filename': installed.at('offsets'),
      }),
      await writeProperties(installed.at('append.properties'), sink),
    ]
    const noted = await noteLoads(installed.at('loads'))
    const worker = stack.use(installed.start('isthmus', ['standalone', ...files], noted))
    await worker.printed('Created connector append')
    const url = `http://127.0.0.1:${port}`
    assert.equal((await installed.run('node', ['client.js', url])).trim(), 'append,lines')
    await holdsExactly(installed.at('output.txt'), ['ONE', 'TWO'])
    await isFound(openClient({ url }))

    await writeFile(input, 'one\ntwo\nfail\n')
    const trace = await eventually('the task of the sink fails', async () => {
      const { tasks } = await openClient({ url }).status('append')
      return tasks[0]?.trace
    })
    // functions keep their names, and the author's file its lines
    assert.match(trace, /cannot append FAIL/)
    const plugin = await readFile(installed.at('plugins/shout/index.ts'), 'utf8')
    const line = plugin.split('\n').findIndex((text) => text.includes('throw')) + 1
    assert.match(trace, new RegExp(`at refuse \\(.*plugins/shout/index\\.ts:${line}:`))
    worker.kill('SIGTERM')
    assert.equal(await worker.ended, 0, worker.output())

    await fewFiles(installed.at('loads'))

    const file = await writeProperties(installed.at('group.properties'), {
      // the file that comes along, with what this test has of its own
      ...parseProperties(await readFile(installed.at(SAMPLE), 'utf8')),
      ...props(other),
      'group.id': 'installed',
    })
    const member = stack.use(installed.start('connect-distributed', [file]))
    await member.printed('Kafka Connect started in')
    const client = openClient({ url: `http://127.0.0.1:${other}` })
    await eventually(
      'the worker is in its group',
      async () => (await client.health().catch(() => null)) !== null,
    )
    await client.put('copy', {
      'connector.class': 'FileStreamSink',
      topics: 'lines',
      file: installed.at('copy.txt'),
    })
    await holdsExactly(installed.at('copy.txt'), ['ONE', 'TWO', 'FAIL'])
    member.kill('SIGTERM')
    assert.equal(await member.ended, 0, member.output())
  })

  it('say in one line that a Node.js is too old, and run on a newer one that is installed beside', async () => {
    const old = installed.at('old.mjs')
    const launcher = join(installed.path, 'node_modules/isthmus/bin/isthmus.js')
    const versions =
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })"
    await writeFile(old, `${versions}\nawait import(${JSON.stringify(launcher)})\n`)
    const refused = await installed.run('node', [old, '--version']).catch((error) => error)
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /^Isthmus needs Node\.js 24 or later[^\n]*npm install node@24[^\n]*\n$/)

    const beside = installed.at('node_modules/node')
    await mkdir(join(beside, 'bin'), { recursive: true })
    await writeFile(join(beside, 'package.json'), '{ "name": "node", "version": "24.1.0" }')
    await symlink(process.execPath, join(beside, 'bin/node'))
    assert.match(await installed.run('node', [old, '--version']), /^Isthmus \d/)
    const failed = await installed.run('node', [old, 'nothing-like-it']).catch((error) => error)
    assert.equal(failed.code, 1)
  })
})

/** A package with plugins whose own dependencies are not there: they are not needed to know of it. */
async function addConnector({ packed, at }: Installed): Promise<void> {
  const s3 = packed.find(({ name }) => name === '@isthmus/connector-s3')
  assert.ok(s3)
  await cp(s3.folder, at('node_modules/@isthmus/connector-s3'), { recursive: true })
}

async function isFound(client: Client): Promise<void> {
  const plugins = await client.plugins({ connectorsOnly: false })
  for (const name of [
    'install.AppendSinkConnector',
    'install.Shout',
    'com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector',
    'org.apache.kafka.connect.file.FileStreamSourceConnector',
  ])
    assert.ok(
      plugins.some((plugin) => plugin.class === name),
      `${name} is among the plugins`,
    )
}

/** How many files of ours a worker's start and a connector's thread may load; of those of a thread a third is the SDK that an author's plugin imports. */
const START_MAX = 40
const THREAD_MAX = 30

async function fewFiles(folder: string): Promise<void> {
  const loads = await loadedBy(folder)
  const main = loads.find(({ files }) => files.some((file) => file.endsWith('/lib/isthmus.js')))?.files ?? []
  const threads = loads.filter(({ files }) => files.some((file) => file.includes('thread-main')))
  assert.ok(main.length > 1 && main.length <= START_MAX, `a start loads ${main.length} files`)
  assert.ok(threads.length >= 2, 'each connector has a thread')
  for (const { files } of threads)
    assert.ok(
      files.length <= THREAD_MAX,
      `a connector's thread loads ${files.length} files:\n${files.join('\n')}`,
    )
}
