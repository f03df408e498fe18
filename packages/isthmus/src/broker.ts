import { parseArgs } from 'node:util'
import { openBroker } from '@isthmus/broker'
import { ConnectError } from '@isthmus/sdk'
import { explain } from './explain.ts'
import { aborted, stopSignal } from './stop.ts'

const USAGE = `Usage: isthmus broker [--data-dir DIR] [--host HOST] [--port PORT]

  Runs the embedded broker alone: one node, for development.
  Without options it listens on 127.0.0.1:9092 and keeps its data in .broker.
`

/** The embedded broker by itself, until a signal ends it. */
export async function broker(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE)
    return 0
  }
  const stop = stopSignal()
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        'data-dir': { type: 'string', default: '.broker' },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '9092' },
      },
    })
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new ConnectError('config', `--port takes a number from 0 to 65535, not ${values.port}`)
    }
    await using opened = await openBroker({ dataDir: values['data-dir'], host: values.host, port })
    console.log(`Isthmus broker listening on ${opened.bootstrapServers}, data in ${values['data-dir']}`)
    await aborted(stop)
    return 0
  } catch (error) {
    const taken = (error as { code?: unknown }).code === 'EADDRINUSE'
    console.error(
      taken ? `${explain(error)}. Stop the other program, or name another port with --port.` : explain(error),
    )
    return 1
  }
}
