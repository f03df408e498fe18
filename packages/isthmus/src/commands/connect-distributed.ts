import { runWorker } from './run-worker.ts'

const USAGE = `Usage: isthmus distributed worker.properties

  Runs a worker that shares the connectors of its group with others.
  The command connect-distributed is the same.

Options:
  -h, --help  this
  --version   which version this is

Example:
  isthmus distributed worker.properties

Exit codes: 0 stopped by a signal; 1 a mistake in the command line, or the worker could not go on: its group
refuses it, for example; 2 it could not start: a property, the port, Kafka; 130 stopped at once by a second signal.
`

/** A worker of a group as a command. Resolves to its exit code. */
export const connectDistributed = (args: readonly string[]): Promise<number> =>
  runWorker(args, {
    usage: USAGE,
    logger: 'org.apache.kafka.connect.cli.ConnectDistributed',
    parse: ({ parseDistributed }, props) => parseDistributed(props),
    open: ({ openDistributed }, { props, log, levels, rest, stop }) =>
      openDistributed({
        props,
        log,
        levels,
        workerId: rest.workerId,
        url: rest.url,
        send: rest.send,
        onLogLevel: (namespace, level) => void levels.set(namespace, level),
        signal: stop,
      }),
    async begin({ worker, stop, ready }) {
      // as soon as it is a member of its group
      worker.herder.responsive(stop).then(ready, () => {})
      return null
    },
  })
