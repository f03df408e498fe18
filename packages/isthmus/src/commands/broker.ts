import { openBroker } from '@isthmus/broker'
import { brokerLogOf } from '../log/broker-log.ts'
import { logOf } from '../log/settings.ts'
import { mistake, optionsOnly } from './command-line.ts'
import { told } from './explain.ts'
import { aborted, stopSignal, uncaught } from './stop.ts'

const USAGE = `Usage: isthmus broker [--data-dir DIR] [--host HOST] [--port PORT]

  Runs the embedded broker alone: one node, for development.

Options:
  --data-dir DIR  where it keeps its data; .broker unless given
  --host HOST     the address that it listens on; 127.0.0.1 unless given
  --port PORT     its port; 9092 unless given, and any that is free for 0
  -h, --help      this
  --version       which version this is

Examples:
  isthmus broker
  isthmus broker --data-dir /tmp/broker --port 19092

Exit codes: 0 stopped by a signal; 1 anything else; 130 stopped at once by a second signal.
`

/** The embedded broker by itself, until a signal ends it. */
export async function broker(args: readonly string[]): Promise<number> {
  const given = optionsOnly('isthmus broker', args, USAGE, {
    'data-dir': { type: 'string', default: '.broker' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '9092' },
  })
  if (typeof given === 'number') return given
  const { host, 'data-dir': dataDir } = given
  const port = Number(given.port)
  if (given.port.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write(mistake(`--port takes a number from 0 to 65535, not '${given.port}'.`, USAGE))
    return 1
  }
  const stop = stopSignal()
  const fault = uncaught()
  try {
    const { log } = logOf(process.env)
    await using opened = await openBroker({ dataDir, host, port, log: brokerLogOf(log) })
    console.log(`Isthmus broker listening on ${opened.bootstrapServers}, data in ${dataDir}`)
    await aborted(stop, fault)
    return 0
  } catch (error) {
    const taken = (error as { code?: unknown }).code === 'EADDRINUSE'
    const advice = '. Stop the other program, or name another port with --port.'
    process.stderr.write(`${told(error)}${taken ? advice : ''}\n`)
    return 1
  }
}
