import type { Herder, Log, Logger } from '@isthmus/runtime'
import type { Props } from '@isthmus/sdk'
import type { LogLevels } from '../log/levels.ts'
import { logWithFile } from '../log/settings.ts'
import type { Rest } from '../rest/open-rest.ts'
import { commandLine } from './command-line.ts'
import { explain, report } from './explain.ts'
import { readWorkerProps } from './named-files.ts'
import { aborted, stopSignal, uncaught } from './stop.ts'

type Runtime = typeof import('@isthmus/runtime')

interface RunningWorker extends AsyncDisposable {
  readonly herder: Herder
  readonly clusterId: string | null
  /** Rejects when the worker cannot go on; a worker that always can has none. */
  readonly failed?: Promise<never>
}

/** What a worker is opened with. */
export interface Opening {
  readonly props: Props
  readonly log: Log
  readonly levels: LogLevels
  readonly rest: Rest
  readonly stop: AbortSignal
}

/** A worker that has been opened, and answers requests; not all of what the command line asks for is done yet. */
export interface Opened<W> {
  readonly worker: W
  /** What follows the worker file on the command line. */
  readonly files: readonly string[]
  readonly logger: Logger
  readonly stop: AbortSignal
  /** From now on `GET /health` says that the worker is ready. */
  readonly ready: () => void
}

/** What a command that runs a worker has of its own. */
export interface WorkerCommand<W extends RunningWorker> {
  readonly usage: string
  /** The name of the logger of Java's command. */
  readonly logger: string
  /** Throws what is wrong with the properties, before anything listens. */
  readonly parse: (runtime: Runtime, props: Props) => void
  readonly open: (runtime: Runtime, opening: Opening) => Promise<W>
  /** Does what is left to do before the worker is ready. Resolves to an exit code where that is the end; to null where the worker runs on. */
  readonly begin: (opened: Opened<W>) => Promise<number | null>
}

/**
 * Runs a worker with its REST API, as the file says that the command line names, until a signal ends it. Resolves to the exit code, Java's: 0
 * stopped by a signal, 1 a mistake in the command line or a worker that cannot go on, 2 it could not start, or what `begin` says.
 */
export async function runWorker<W extends RunningWorker>(
  args: readonly string[],
  command: WorkerCommand<W>,
): Promise<number> {
  const given = commandLine(args, command.usage, {})
  if (typeof given === 'number') return given
  const [workerFile, ...files] = given.positionals
  if (workerFile === undefined) {
    process.stderr.write(command.usage)
    return 1
  }
  const stop = stopSignal()
  const fault = uncaught()
  const opened = logOrCode(process.env)
  if (typeof opened === 'number') return opened
  // closed last of all: the line that the worker has stopped is in its file
  await using _ = opened
  const { log, levels } = opened
  log({
    level: 'info',
    logger: command.logger,
    context: '',
    message: 'Kafka Connect worker initializing ...',
  })
  // loaded after the first line is out: it shows that the command runs while the rest is read
  const [runtime, { openRest }] = await Promise.all([
    import('@isthmus/runtime'),
    import('../rest/open-rest.ts'),
  ])
  const logger = runtime.loggerOf(log, command.logger)
  let worker: W | null = null
  let code = 0
  try {
    const started = performance.now()
    const props = await readWorkerProps(workerFile, process.env, stop)
    command.parse(runtime, props)
    await using stack = new AsyncDisposableStack()
    const rest = await openRest({ props, log, levels, env: process.env })
    worker = await command.open(runtime, { props, log, levels, rest, stop }).catch(async (error) => {
      await rest[Symbol.asyncDispose]()
      throw error
    })
    // requests under way need the worker: it is stopped after the server
    stack.use(worker)
    stack.use(rest)
    const { ready } = rest.serve(worker)
    logger.info(`Kafka Connect started in ${Math.round(performance.now() - started)} ms`)
    const end = await command.begin({ worker, files, logger, stop, ready })
    if (end !== null) {
      code = end
      return code
    }
    const failures = worker.failed === undefined ? [fault] : [worker.failed, fault]
    await aborted(stop, ...failures).catch((error: unknown) => {
      report(logger, 'Stopping, since the worker cannot go on', error)
      code = 1
    })
    logger.info('Kafka Connect stopping')
  } catch (error) {
    if (worker !== null) report(logger, 'Not all could be stopped in order', error)
    else if (!stop.aborted) {
      report(logger, 'Stopping due to error', error)
      return 2
    }
  }
  logger.info('Kafka Connect stopped')
  return code
}

/** The log of the process; or the exit code when its settings are wrong, which has been said. */
function logOrCode(env: NodeJS.ProcessEnv): ReturnType<typeof logWithFile> | number {
  try {
    return logWithFile(env)
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    return 2
  }
}
