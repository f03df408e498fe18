import type { Logger, Standalone } from '@isthmus/runtime'
import { commandLine } from './command-line.ts'
import { parseConnectorFile } from './connector-file.ts'
import { aborted, stopSignal, uncaught } from './stop.ts'
import { logOrCode, readNamed, readWorkerProps, report } from './worker-command.ts'

const USAGE = `Usage: ConnectStandalone worker.properties [connector1.properties connector2.json ...]

  Runs connectors in this process.

Exit codes: 0 stopped by a signal; 1 a mistake in the command line, or the worker could not go on; 2 it could not
start: a property, the port, Kafka; 3 a connector could not be created; 130 stopped at once by a second signal.
`
const LOGGER = 'org.apache.kafka.connect.cli.ConnectStandalone'

/**
 * The standalone worker as a command. Resolves to its exit code, Java's: 1 usage or a worker that cannot go on, 2 it could not start, 3 a connector could not be
 * created; 0 when a signal stopped it.
 */
export async function connectStandalone(args: readonly string[]): Promise<number> {
  const given = commandLine(args, USAGE, {})
  if (typeof given === 'number') return given
  const [workerFile, ...connectorFiles] = given.positionals
  if (workerFile === undefined) {
    process.stderr.write(USAGE)
    return 1
  }
  const stop = stopSignal()
  const fault = uncaught()
  const opened = logOrCode(process.env)
  if (typeof opened === 'number') return opened
  const { log, levels } = opened
  log({ level: 'info', logger: LOGGER, context: '', message: 'Kafka Connect worker initializing ...' })
  // loaded after the first line is out: it shows that the command runs while the rest is read
  const [{ loggerOf, openStandalone, parseStandalone }, { openRest }] = await Promise.all([
    import('@isthmus/runtime'),
    import('../rest/open-rest.ts'),
  ])
  const logger = loggerOf(log, LOGGER)
  let code = 0
  let runs = false
  try {
    const started = performance.now()
    const props = await readWorkerProps(workerFile, process.env, stop)
    // checked before anything listens
    parseStandalone(props)
    await using stack = new AsyncDisposableStack()
    const rest = await openRest({ props, log, levels, env: process.env })
    // requests under way need the worker: it is stopped after the server
    const worker = await openStandalone({ props, log, levels, workerId: rest.workerId, signal: stop }).catch(
      async (error) => {
        await rest[Symbol.asyncDispose]()
        throw error
      },
    )
    stack.use(worker)
    stack.use(rest)
    rest.serve(worker)
    logger.info(`Kafka Connect started in ${Math.round(performance.now() - started)} ms`)
    try {
      for (const path of connectorFiles) await create(worker, path, logger)
    } catch (error) {
      if (!stop.aborted) {
        report(logger, 'Stopping after connector error', error)
        return 3
      }
    }
    rest.ready()
    runs = true
    await aborted(stop, fault).catch((error: unknown) => {
      report(logger, 'Stopping, since the worker cannot go on', error)
      code = 1
    })
    logger.info('Kafka Connect stopping')
  } catch (error) {
    if (!stop.aborted && !runs) {
      report(logger, 'Stopping due to error', error)
      return 2
    }
    if (runs) report(logger, 'Not all could be stopped in order', error)
  }
  logger.info('Kafka Connect stopped')
  return code
}

async function create(worker: Standalone, path: string, logger: Logger): Promise<void> {
  const { name, config, initialState } = parseConnectorFile(path, await readNamed('connector', path))
  try {
    await worker.herder.put(name, config, { initialState: initialState ?? 'STARTED', replace: false })
  } catch (error) {
    logger.error(`Failed to create connector for ${path}`)
    throw error
  }
  logger.info(`Created connector ${name}`)
}
