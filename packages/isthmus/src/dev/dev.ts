import { basename, relative, resolve } from 'node:path'
import { type Rescan, watchFolders } from '@isthmus/runtime'
import { commandLine, mistake } from '../commands/command-line.ts'
import { told } from '../commands/explain.ts'
import { aborted, stopSignal, uncaught } from '../commands/stop.ts'
import { withCode } from './author-errors.ts'
import { isConfigFile, readConfigFiles } from './config-files.ts'
import { type Connectors, openConnectors } from './connectors.ts'
import { type DevWorker, forgetData, openDev, requireFolder } from './open-dev.ts'
import { type Paint, paintFor } from './paint.ts'
import { openPassing } from './passing.ts'
import { openScreen, type Screen, screenLog } from './screen.ts'

const USAGE = `Usage: isthmus dev [FOLDER] [options]

  Runs the plugin in a folder, this one unless another is named, with a worker and a broker of its own. The
  connectors are those of the files *.properties and *.json in FOLDER and FOLDER/config that name a
  connector.class. Records are shown as they pass: → what connectors write, ← what sinks read.

  When code is saved, connectors start anew with it, from the offsets where they were; code with a mistake is
  not taken, and the code before it goes on. When a configuration is saved, added or removed, its connector is
  changed, created or deleted.

Options:
  --bootstrap-server HOST:PORT,…  another Kafka, in place of the embedded broker
  --fresh                         forgets offsets and topics of earlier runs; they are kept in FOLDER/.isthmus
  -h, --help                      this
  --version                       which version this is

  Properties for the worker may be given in FOLDER/worker.properties or FOLDER/config/worker.properties. Values
  are JSON without schemas and keys are text, unless that file or the connector's says otherwise.

Examples:
  isthmus dev
  isthmus dev my-api --fresh
  isthmus dev my-api --bootstrap-server kafka:9092

Exit codes: 0 stopped by a signal; 1 anything else; 130 stopped at once by a second signal.
`

/** Long enough for an editor that writes a file in steps. */
const QUIET_MS = 25
const LATEST_MS = 1000

const CODE = /\.[cm]?[jt]s$/
const isCode = (path: string): boolean => CODE.test(path) || basename(path) === 'package.json'

/** A worker for the author of a plugin: it follows the files of a folder until a signal ends it. Resolves to the exit code. */
export async function dev(args: readonly string[]): Promise<number> {
  const given = commandLine(args, USAGE, {
    'bootstrap-server': { type: 'string' },
    fresh: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const [named = '.', ...others] = given.positionals
  if (others.length > 0) {
    process.stderr.write(mistake(`isthmus dev takes one folder, not '${others[0]}' as well.`, USAGE))
    return 1
  }
  const stop = stopSignal()
  const fault = uncaught()
  try {
    const folder = resolve(named)
    await requireFolder(folder)
    if (given.values.fresh) await forgetData(folder)
    const paint = paintFor(process.stdout)
    const screen = openScreen((text) => void process.stdout.write(text), paint)
    await run({ folder, bootstrapServers: given.values['bootstrap-server'], screen, paint, stop, fault })
    return 0
  } catch (error) {
    if (stop.aborted) return 0
    process.stderr.write(`${told(error)}\n`)
    return 1
  }
}

interface Session {
  readonly folder: string
  readonly bootstrapServers: string | undefined
  readonly screen: Screen
  readonly paint: Paint
  readonly stop: AbortSignal
  readonly fault: Promise<never>
}

async function run({ folder, bootstrapServers, screen, paint, stop, fault }: Session): Promise<void> {
  let ownClasses: ReadonlySet<string> = new Set()
  let scanning = false
  const log = screenLog({
    folder,
    screen,
    isOwn: (logger) => ownClasses.has(logger),
    isTold: () => scanning,
  })
  await using stack = new AsyncDisposableStack()
  const opened = stack.use(await openDev({ folder, bootstrapServers, log, stop }))
  const { herder } = opened.worker
  const learn = (): void => {
    ownClasses = new Set(
      ownPlugins(opened, folder).flatMap(({ class: name, taskClass = name }) => [name, taskClass]),
    )
  }
  learn()
  introduce(opened, folder, screen)
  stack.use(await openPassing({ props: opened.props, herder, screen, paint }))
  const connectors = openConnectors(herder, screen)
  const gone = new Set<string>()
  const followConfigs = async (): Promise<void> => connectors.follow(await readConfigFiles(folder))
  let working: Promise<void> = followConfigs()
  const rescan = async (): Promise<Rescan> => {
    scanning = true
    try {
      return await herder.rescanPlugins()
    } finally {
      scanning = false
    }
  }
  const saved = async (paths: ReadonlySet<string>): Promise<void> => {
    const names = [...paths]
      .map((path) => relative(folder, path) || '.')
      // of folders that hold this one
      .filter((name) => !name.startsWith('..'))
      .filter((name) => isCode(name) || !isConfigFile(name))
    if (names.length > 0) await takeCode(await rescan(), { names, folder, screen, connectors, learn, gone })
    await followConfigs()
  }
  stack.use(
    await watchFolders({
      paths: [folder],
      matters: (name) => isCode(name) || isConfigFile(name),
      quietMs: QUIET_MS,
      latestMs: LATEST_MS,
      changed(paths) {
        working = working
          .then(() => saved(paths))
          .catch((error: unknown) => screen.fault(`What was saved could not be taken: ${told(error)}`))
      },
      failed: (path, error) => screen.fault(`Changes in ${path} will not be noticed: ${error.message}`),
    }),
  )
  await working
  if (connectors.names().length === 0)
    screen.say(
      `No connector is configured yet: write a file such as ${relative('', resolve(folder, 'config/my.properties'))} with name and connector.class.`,
    )
  await aborted(stop, fault)
  screen.say('Stopping. The next start goes on where this one ends.')
  await working
}

interface Taking {
  readonly names: readonly string[]
  readonly folder: string
  readonly screen: Screen
  readonly connectors: Connectors
  readonly learn: () => void
  /** Classes that were there once; some may be again. */
  readonly gone: Set<string>
}

/** Runs new code, unless it has a mistake: then what runs goes on with the old. */
async function takeCode(
  rescan: Rescan,
  { names, folder, screen, connectors, learn, gone }: Taking,
): Promise<void> {
  const { added, changed, removed, warnings, unread } = rescan
  for (const { class: name } of removed) gone.add(name)
  const lost = [...gone].flatMap((name) => connectors.lostWith(name))
  const isRefused = unread.length + lost.length > 0
  for (const warning of warnings) (isRefused ? screen.fault : screen.warn)(withCode(folder, warning))
  for (const one of lost) screen.fault(one)
  if (isRefused) {
    screen.say('What runs goes on with the code from before.')
    return
  }
  if (added.length + changed.length + removed.length === 0) return
  learn()
  screen.say(`Saved ${names.join(', ')}: starting anew`)
  await connectors.restart()
}

const ownPlugins = ({ worker }: DevWorker, folder: string) =>
  worker.herder.plugins().filter(({ location }) => location.startsWith(folder))

function introduce(opened: DevWorker, folder: string, screen: Screen): void {
  const { props, restUrl } = opened
  screen.say(`Isthmus runs ${folder}`)
  screen.say(`  Kafka    ${props['bootstrap.servers']}`)
  screen.say(`  REST     ${restUrl}`)
  const plugins = ownPlugins(opened, folder)
  for (const { class: name, type, version } of plugins)
    screen.say(
      `  ${type === 'source' || type === 'sink' ? type.padEnd(8) : type} ${name}${version === null ? '' : ` ${version}`}`,
    )
  if (plugins.length === 0) screen.say(`  no plugin yet: code that exports one is taken when it is saved`)
}
