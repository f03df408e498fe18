import type { Logger, Standalone } from '@isthmus/runtime'
import { parseConnectorFile } from './connector-file.ts'
import { report } from './explain.ts'
import { readNamed } from './named-files.ts'
import { runWorker } from './run-worker.ts'

const USAGE = `Usage: isthmus standalone worker.properties [connector1.properties connector2.json ...]

  Runs connectors in this process: the first file is the worker's, each further one a connector's.
  The command connect-standalone is the same.

Options:
  -h, --help  this
  --version   which version this is

Examples:
  isthmus standalone worker.properties
  isthmus standalone worker.properties file-source.properties file-sink.json

Exit codes: 0 stopped by a signal; 1 a mistake in the command line, or the worker could not go on; 2 it could not
start: a property, the port, Kafka; 3 a connector could not be created; 130 stopped at once by a second signal.
`
const CONNECTOR_ERROR = 3

/** The standalone worker as a command, with the connectors of the files that follow its own. Resolves to its exit code. */
export const connectStandalone = (args: readonly string[]): Promise<number> =>
  runWorker(args, {
    usage: USAGE,
    logger: 'org.apache.kafka.connect.cli.ConnectStandalone',
    parse: ({ parseStandalone }, props) => parseStandalone(props),
    open: ({ openStandalone }, { props, log, levels, rest, stop }) =>
      openStandalone({ props, log, levels, workerId: rest.workerId, signal: stop }),
    async begin({ worker, files, logger, stop, ready }) {
      try {
        for (const path of files) await create(worker, path, logger)
      } catch (error) {
        // what a stop has cut short is no mistake
        if (stop.aborted) return null
        report(logger, 'Stopping after connector error', error)
        return CONNECTOR_ERROR
      }
      ready()
      return null
    },
  })

async function create({ herder }: Standalone, path: string, logger: Logger): Promise<void> {
  const { name, config, initialState } = parseConnectorFile(path, await readNamed('connector', path))
  try {
    await herder.put(name, config, { initialState: initialState ?? 'STARTED', replace: false })
  } catch (error) {
    logger.error(`Failed to create connector for ${path}`)
    throw error
  }
  logger.info(`Created connector ${name}`)
}
