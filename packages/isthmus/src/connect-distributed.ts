import type { Distributed } from '@isthmus/runtime'
import { logOf } from './log-settings.ts'
import { aborted, stopSignal } from './stop.ts'
import { readWorkerProps, report } from './worker-command.ts'

const USAGE = 'Usage: ConnectDistributed worker.properties\n'
const LOGGER = 'org.apache.kafka.connect.cli.ConnectDistributed'

/**
 * A worker of a group as a command. Resolves to its exit code, Java's: 1 usage or a group that it cannot be a member of, 2 it could not
 * start; 0 when a signal stopped it.
 */
export async function connectDistributed(args: readonly string[]): Promise<number> {
  const [workerFile] = args
  if (workerFile === undefined || args.includes('--help')) {
    process.stderr.write(USAGE)
    return 1
  }
  const stop = stopSignal()
  const { log, levels } = logOf(process.env)
  log({ level: 'info', logger: LOGGER, context: '', message: 'Kafka Connect worker initializing ...' })
  // loaded after the first line is out: it shows that the command runs while the rest is read
  const [{ loggerOf, openDistributed, parseDistributed }, { openRest }] = await Promise.all([
    import('@isthmus/runtime'),
    import('./rest/open-rest.ts'),
  ])
  const logger = loggerOf(log, LOGGER)
  let worker: Distributed | null = null
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
    await Promise.race([aborted(stop), worker.failed])
    logger.info('Kafka Connect stopping')
  } catch (error) {
    if (!stop.aborted) {
      report(
        logger,
        worker === null ? 'Stopping due to error' : 'Stopping: the group cannot be joined',
        error,
      )
      return worker === null ? 2 : 1
    }
  }
  logger.info('Kafka Connect stopped')
  return 0
}
