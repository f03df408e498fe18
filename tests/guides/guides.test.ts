import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { cp, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { s3ServerIsAbsent, versityBinary } from '@isthmus/connector-s3/testing'
import { eventually } from '../process/eventually.ts'
import { freePorts } from '../process/ports.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { matches, stepsOf } from './blocks.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
// whatever a guide uses of the machine, in place of which a test has its own
const PORTS = ['9092', '8083', '8084', '8085', '7070', '9191', '9002']
const FOLDER = /\/tmp\/isthmus(?![\w-])/g
const STEP_MS = 60_000

test('a promised output may leave parts out', () => {
  assert.ok(matches('{"a": 1,\n "b": [2]}\n', '{"a": 1, … [2]}'))
  assert.ok(!matches('{"a": 1, "b": [3]}\n', '{"a": 1, … [2]}'))
  assert.ok(!matches('more than a', 'a'))
})

// all in one folder and on the same ports, as somebody follows them who has one clone
const dir = await openTempDir()
after(() => dir[Symbol.asyncDispose]())
const own = await ownOf(dir.path)
// what links lead to is copied, so that nothing is written through them
await cp(join(root, 'config'), dir.at('config'), { recursive: true, dereference: true })
for (const file of await readdir(dir.at('config')))
  await writeFile(dir.at(`config/${file}`), own(await readFile(dir.at(`config/${file}`), 'utf8')))
await mkdir(dir.at('run'))

// the server that the page about backups has its reader install
const versity = await versityBinary()
const absent = await s3ServerIsAbsent('versitygw')

const pages = globSync('docs/guide/*.md', { cwd: root }).sort()
for (const [index, path] of [...pages, ...pages.slice(0, 1)].entries()) {
  const when = index === 0 ? 'alone' : `after ${index} others`
  const what = 'every command works, prints what it promises, and leaves nothing running'
  test(`${path}, followed ${when}: ${what}`, { skip: path.endsWith('/s3.md') && absent }, () => follow(path))
}

async function follow(path: string): Promise<void> {
  await using shell = openShell(dir.path)
  const steps = stepsOf(await readFile(join(root, path), 'utf8'))
  assert.ok(steps.length > 0)
  for (const step of steps) {
    const promised = step.output === null ? null : own(step.output)
    let printed = ''
    const told = () => `${path}:${step.line}\n${step.commands}\nprinted\n${printed}\nnot\n${promised}`
    await eventually(
      'what a guide promises',
      async () => {
        const { code, output } = await shell.run(own(step.commands))
        printed = output
        // a block with an output only asks: what it asks for may take its time
        if (promised !== null) return matches(output, promised)
        assert.equal(code, 0, told())
        return true
      },
      STEP_MS,
    ).catch((cause) => {
      throw new Error(told(), { cause })
    })
  }
  assert.deepEqual(shell.left(), [], 'what was started has ended')
}

/** Rewrites a text to ports and folders of the test's own. */
async function ownOf(dir: string): Promise<(text: string) => string> {
  const ports = await freePorts(PORTS.length)
  return (text) =>
    PORTS.reduce(
      (now, port, index) => now.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), String(ports[index])),
      text,
    )
      .replaceAll(
        /^npm run broker --(?= )/gm,
        `node packages/isthmus/src/bin/isthmus.ts broker --port ${ports[0]}`,
      )
      .replaceAll(
        /\bnpx isthmus (topics|consume|produce|groups)\b/g,
        `node packages/isthmus/src/bin/isthmus.ts $1 --bootstrap-server localhost:${ports[0]}`,
      )
      // npx ends before what it runs
      .replaceAll(/^npx isthmus (?=dev )/gm, 'node packages/isthmus/src/bin/isthmus.ts ')
      .replaceAll(
        /^npm run kinetica-simulator(?= )/gm,
        `node packages/kinetica-simulator/src/bin/kinetica-simulator.ts --port ${ports[5]} --monitor-port ${ports[6]}`,
      )
      // what would be fetched is there, and some of it is published nowhere else
      .replaceAll(/^npm install$/gm, `ln -sfn ${join(root, 'node_modules')} node_modules`)
      .replaceAll(/(?<=^|\s)config\//gm, `${dir}/config/`)
      .replaceAll(FOLDER, `${dir}/run`)
      .replaceAll('/tmp/connect.offsets', `${dir}/connect.offsets`)
      .replaceAll(/^#listeners=/gm, 'listeners=')
}

/** Runs blocks in the repository's folder; what they leave running is killed at the end. */
function openShell(dir: string) {
  const groups = new Set<number>()
  let count = 0
  const signal = (group: number, name: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(-group, name)
    } catch {
      // nothing of it is left
      return false
    }
  }
  return {
    /** Process groups of blocks, of which something still runs. */
    left: () => [...groups].filter((group) => signal(group, 0)),
    async run(commands: string): Promise<{ code: number | null; output: string }> {
      const path = join(dir, `step-${++count}.log`)
      // a file and no pipe: what goes on in the background would hold a pipe open
      const file = await open(path, 'w')
      const child = spawn('bash', ['-c', `set -e\n${commands}`], {
        cwd: root,
        detached: true,
        env: {
          ...process.env,
          LOG_DIR: join(dir, 'logs'),
          // or tests that a guide has its reader run would be taken for parts of this one
          NODE_TEST_CONTEXT: undefined,
          // or what a block starts would end with the block's shell, as with the shell in which npm runs a script
          npm_lifecycle_event: undefined,
          PATH: `${versity === null ? '' : `${dirname(versity)}:`}${process.env['PATH']}`,
        },
        stdio: ['ignore', file.fd, file.fd],
        timeout: STEP_MS,
      })
      if (child.pid !== undefined) groups.add(child.pid)
      const [code] = await once(child, 'exit')
      await file.close()
      return { code, output: await readFile(path, 'utf8') }
    },
    async [Symbol.asyncDispose]() {
      for (const group of groups) signal(group, 'SIGKILL')
    },
  }
}
