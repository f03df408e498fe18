import { parentPort, workerData } from 'node:worker_threads'
import type { Props } from '@isthmus/sdk'
import { lendSdk } from './plugins/own-sdk.ts'
import { type ScanRequest, scanPlugins } from './plugins/scan.ts'
import { resolveProps } from './task/resolve.ts'
import { messageOf } from './trace.ts'

export interface WorkerPropsRequest {
  readonly props: Props
  readonly scan: ScanRequest
}
export type WorkerPropsAnswer = { readonly props: Props } | { readonly error: string }

async function answer({ props, scan }: WorkerPropsRequest): Promise<WorkerPropsAnswer> {
  try {
    const { plugins } = await scanPlugins(scan)
    return { props: (await resolveProps(props, props, plugins)).props }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

// the entry module of the thread that replaces variables in a worker's properties
lendSdk()
parentPort?.postMessage(await answer(workerData as WorkerPropsRequest))
