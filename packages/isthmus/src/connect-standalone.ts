import { readFile } from 'node:fs/promises'
import type { Log, Logger } from '@isthmus/runtime'
import { type ConnectorFile, parseConnectorFile } from './connector-file.ts'
import { explain, isExpected } from './explain.ts'
import { logOf } from './log-settings.ts'
import { type Properties, parseProperties } from './properties.ts'
import { aborted, stopSignal } from './stop.ts'

const USAGE = 'Usage: ConnectStandalone worker.properties [connector1.properties connector2.json ...]\n'
const LOGGER = 'org.apache.kafka.connect.cli.ConnectStandalone'

/**
 * The standalone worker as a command. Resolves to its exit code, Java's: 1 usage, 2 it could not start, 3 a connector could not be
 * created, 0 stopped by a signal.
 */
export async function connectStandalone(args: readonly string[]): Promise<number> {
  const [workerFile, ...connectorFiles] = args
  if (workerFile === undefined || args.includes('--help')) {
    process.stderr.write(USAGE)
    return 1
  }
  const stop = stopSignal()
  const log = logOf(process.env)
  log({ level: 'info', logger: LOGGER, context: '', message: 'Kafka Connect worker initializing ...' })
  // loaded after the first line is out: it shows that the command runs while the rest is read
  const { loggerOf, openStandalone } = await import('@isthmus/runtime')
  const logger = loggerOf(log, LOGGER)
  try {
    await using worker = await openStandalone({ props: await workerProps(workerFile), log })
    try {
      for (const path of connectorFiles) await create(worker, path, logger)
    } catch (error) {
      fail(logger, 'Stopping after connector error', error)
      return 3
    }
    await aborted(stop)
    logger.info('Kafka Connect stopping')
  } catch (error) {
    fail(logger, 'Stopping due to error', error)
    return 2
  }
  logger.info('Kafka Connect stopped')
  return 0
}
