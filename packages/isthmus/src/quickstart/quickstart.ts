import { mkdir, rm } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { optionsOnly } from '../commands/command-line.ts'
import { told } from '../commands/explain.ts'
import { stopSignal } from '../commands/stop.ts'
import { openCopy } from './copy.ts'
import { type Follow, follow } from './follow.ts'
import { openLineCounter } from './line-counter.ts'
import { amount, openProgress, type Screen } from './progress.ts'
import { writeSample } from './sample.ts'

const USAGE = `Usage: isthmus quickstart [--once] [--fresh]

  Copies a file through a topic into another file, with an embedded broker and nothing else installed,
  and goes on with every line that is appended.

Options:
  --once      ends when all is copied
  --fresh     forgets what earlier starts left
  -h, --help  this
  --version   which version this is

Examples:
  isthmus quickstart
  isthmus quickstart --once --fresh

ISTHMUS_QUICKSTART_DIR is the folder for its files, .quickstart unless set.
Exit codes: 0 all was copied, or stopped by a signal; 1 anything else; 130 stopped at once by a second signal.
`

const STOPPING = 'Stopping. The next start continues where this one ends.'

/**
 * Copies a file into another through a topic, with an embedded broker and nothing else installed, and goes on with every line that is
 * appended. `--once` ends when all is copied; `--fresh` forgets what earlier starts left.
 */
export async function quickstart(args: readonly string[]): Promise<number> {
  const given = optionsOnly('isthmus quickstart', args, USAGE, {
    once: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const stop = stopSignal()
  const screen: Screen = {
    terminal: process.stdout.isTTY === true,
    write: (text) => void process.stdout.write(text),
  }
  try {
    const dir = resolve(process.env['ISTHMUS_QUICKSTART_DIR'] ?? '.quickstart')
    if (given.fresh) await rm(dir, { recursive: true, force: true })
    return await run(dir, given.once, screen, stop)
  } catch (error) {
    process.stderr.write(`\n${told(error)}\n`)
    return 1
  }
}

async function run(dir: string, once: boolean, screen: Screen, stop: AbortSignal): Promise<number> {
  const started = performance.now()
  const input = `${dir}/input.txt`
  const output = `${dir}/output.txt`
  await mkdir(dir, { recursive: true })
  await writeSample(input)
  const progress = openProgress(screen)
  await using from = openLineCounter(input)
  await using to = openLineCounter(output)
  const [before, there] = [await to.count(), await from.count()]
  progress.say(
    before.lines === 0
      ? `Copying ${amount(there.lines)} lines: ${shown(input)} → topic 'quickstart' → ${shown(output)}`
      : `Continuing where it was: ${amount(before.lines)} of ${amount(there.lines)} lines are copied already`,
  )
  await using copy = await openCopy(dir, input, output)
  const opened = performance.now()
  progress.say(
    `Broker and worker run after ${amount(opened - started)} ms; the broker is ${copy.bootstrapServers}, the REST API ${copy.restUrl}`,
  )
  const files: Follow = { from, to, progress, rethrow: copy.rethrow }
  const copied = await follow(files, { stop, until: 'all-copied' })
  if (copied === null) {
    progress.say(STOPPING)
    return 0
  }
  const seconds = (performance.now() - opened) / 1000
  const count = copied - before.lines
  if (count > 0) {
    progress.say(
      `Copied ${amount(count)} lines in ${seconds.toFixed(2)} s: ${amount(count / seconds)} lines a second`,
    )
  }
  if (once) return 0
  for (const line of hints(input, output, copy)) progress.say(line)
  await follow(files, { stop, until: 'stopped' })
  progress.say(STOPPING)
  return 0
}

const shown = (path: string): string => {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}

const hints = (
  input: string,
  output: string,
  { bootstrapServers, restUrl }: { readonly bootstrapServers: string; readonly restUrl: string },
): readonly string[] => [
  '',
  'All is copied. In another terminal:',
  `  echo 'one more line' >> ${shown(input)}`,
  `  tail ${shown(output)}`,
  `  npx isthmus consume quickstart --from-beginning --max-messages 3${bootstrapServers.endsWith(':9092') ? '' : ` --bootstrap-server ${bootstrapServers}`}`,
  `  curl ${restUrl}/connectors?expand=status`,
  'Ctrl-C ends it.',
  '',
]
