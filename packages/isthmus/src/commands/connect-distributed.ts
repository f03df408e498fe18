import type { Distributed } from '@isthmus/runtime'
import { commandLine } from './command-line.ts'
import { aborted, stopSignal, uncaught } from './stop.ts'
import { logOrCode, readWorkerProps, report } from './worker-command.ts'

const USAGE = `Usage: ConnectDistributed worker.properties

  Runs a worker that shares the connectors of its group with others.

Exit codes: 0 stopped by a signal; 1 a mistake in the command line, or the worker could not go on: its group
refuses it, for example; 2 it could not start: a property, the port, Kafka; 130 stopped at once by a second signal.
`
const LOGGER = 'org.apache.kafka.connect.cli.ConnectDistributed'

/**
 * A worker of a group as a command. Resolves to its exit code, Java's: 1 usage or a worker that cannot go on, 2 it could not start; 0 when a
 * signal stopped it.
 */
export async function connectDistributed(args: readonly string[]): Promise<number> {
  const given = commandLine(args, USAGE, {})
  if (typeof given === 'number') return given
  const [workerFile] = given.positionals
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
  const [{ loggerOf, openDistributed, parseDistributed }, { openRest }] = await Promise.all([
    import('@isthmus/runtime'),
    import('../rest/open-rest.ts'),
  ])
  const logger = loggerOf(log, LOGGER)
  let worker: Distributed | null = null
  let code = 0
  try {
    const started = performance.now()
    const props = await readWorkerProps(workerFile, process.env, stop)
    // checked before anything listens
    parseDistributed(props)
    await using stack = new AsyncDisposableStack()
    const rest = await openRest({ props, log, levels, env: process.env })
    // requests under way need the worker: it is stopped after the server
    worker = await openDistributed({
      props,
      log,
      levels,
      workerId: rest.workerId,
      url: rest.url,
      send: rest.send,
      onLogLevel: (namespace, level) => void levels.set(namespace, level),
      signal: stop,
    }).catch(async (error) => {
      await rest[Symbol.asyncDispose]()
      throw error
    })
    stack.use(worker)
    stack.use(rest)
    rest.serve(worker)
    logger.info(`Kafka Connect started in ${Math.round(performance.now() - started)} ms`)
    worker.herder.responsive(stop).then(rest.ready, () => {})
    await aborted(stop, worker.failed, fault).catch((error: unknown) => {
      report(logger, 'Stopping, since the worker cannot go on', error)
      code = 1
    })
    logger.info('Kafka Connect stopping')
  } catch (error) {
    if (!stop.aborted && worker === null) {
      report(logger, 'Stopping due to error', error)
      return 2
    }
    if (worker !== null) report(logger, 'Not all could be stopped in order', error)
  }
  logger.info('Kafka Connect stopped')
  return code
}
