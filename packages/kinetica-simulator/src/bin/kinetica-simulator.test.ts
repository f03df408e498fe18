import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openProgram } from '../testing/program.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('kinetica-simulator.ts', import.meta.url))

/** The commands of a help text: each begins with `curl`, and goes on over the lines that are set further to the right. */
function commandsOf(help: string): string[] {
  return Array.from(help.matchAll(/^ {2}curl .*(?:\n {4,}.*)*/gm), ([command]) => command.trim())
}

test('the program says where it listens, does what its help shows, and ends when it is told to', async () => {
  const { stdout: help } = await run(process.execPath, [program, '--help'])
  await using simulator = await openProgram(program, ['--port', '0', '--monitor-port', '0'])
  const [, port] =
    /^Kinetica simulator at http:\/\/localhost:(\d+), table monitors at port \d+$/.exec(simulator.line) ?? []
  const answers: string[] = []
  for (const command of commandsOf(help)) {
    const ready = command.replaceAll('9191', port ?? '').replaceAll('TYPE_ID', typeIn(answers))
    const { stdout } = await run('sh', ['-c', ready.replace('curl ', 'curl -sS ')])
    answers.push(stdout)
  }
  assert.equal(answers.length, 4)
  for (const answer of answers) assert.equal(JSON.parse(answer).status, 'OK', answer)
  assert.deepEqual(JSON.parse(answers[1] ?? '').data.records, [
    { id: 1, name: 'one' },
    { id: 2, name: null },
  ])
  assert.equal(await simulator.end('SIGTERM'), 0)
})

test('a port that is taken is said, and is the end', async () => {
  await using simulator = await openProgram(program, ['--port', '0', '--monitor-port', '0'])
  const [, port = '', monitorPort = ''] = /localhost:(\d+).* port (\d+)/.exec(simulator.line) ?? []
  const start = (...args: readonly string[]) => run(process.execPath, [program, ...args], { timeout: 30_000 })
  await assert.rejects(start('--port', port, '--monitor-port', '0'), /EADDRINUSE/)
  await assert.rejects(
    start('--port', '0', '--monitor-port', monitorPort),
    new RegExp(`Port ${monitorPort} cannot be had for table monitors: Address already in use`),
  )
})

const typeIn = (answers: readonly string[]): string =>
  /type_id\\":\\"(\d+)/.exec(answers.at(-1) ?? '')?.[1] ?? 'TYPE_ID'
