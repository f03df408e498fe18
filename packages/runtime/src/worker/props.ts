import { Worker } from 'node:worker_threads'
import { ConnectError, type Props } from '@isthmus/sdk'
import { scanApart } from '../plugins/scan-apart.ts'
import { shippedPackages } from './plugins.ts'
import type { WorkerPropsAnswer, WorkerPropsRequest } from './props-main.ts'

/**
 * A worker's properties with the variables in them replaced, before anything else is done with them. The providers run in a
 * thread of their own, as all plugins do: those of `plugin.path` count, so that property and those of the providers are literal. A provider
 * may take its time, until the signal gives it up.
 */
export async function resolveWorkerProps(props: Props, signal?: AbortSignal): Promise<Props> {
  if ((props['config.providers'] ?? '').trim() === '') return props
  const paths = (props['plugin.path'] ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
  const { plugins } = await scanApart({ packages: shippedPackages(), paths }, { signal })
  const workerData: WorkerPropsRequest = { props, plugins }
  const worker = new Worker(new URL('./props-main.ts', import.meta.url), {
    name: 'worker properties',
    workerData,
  })
  try {
    const answer = await new Promise<WorkerPropsAnswer>((resolve, reject) => {
      const giveUp = () => reject(new ConnectError('state', 'The config providers were given up'))
      signal?.addEventListener('abort', giveUp, { once: true })
      if (signal?.aborted) giveUp()
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () =>
        reject(new ConnectError('plugin', 'The config providers ended without an answer')),
      )
    })
    if ('error' in answer) throw new ConnectError('config', answer.error)
    return answer.props
  } finally {
    await worker.terminate()
  }
}
