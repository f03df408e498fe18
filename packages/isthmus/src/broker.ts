import { parseArgs } from 'node:util'
import { openBroker } from '@isthmus/broker'
import { explain } from './explain.ts'
import { aborted, stopSignal } from './stop.ts'

/** The embedded broker by itself, until a signal ends it. */
export async function broker(args: readonly string[]): Promise<number> {
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
    await using opened = await openBroker({
      dataDir: values['data-dir'],
      host: values.host,
      port: Number(values.port),
    })
    console.log(`Isthmus broker listening on ${opened.bootstrapServers}, data in ${values['data-dir']}`)
    await aborted(stop)
    return 0
  } catch (error) {
    console.error(explain(error))
    return 1
  }
}
