import { parentPort, workerData } from 'node:worker_threads'
import type { Props } from '@isthmus/sdk'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { lendSdk } from '../plugins/own-sdk.ts'
import { resolveProps } from '../secrets/resolve.ts'
import { messageOf } from '../text/trace.ts'

export interface WorkerPropsRequest {
  readonly props: Props
  readonly plugins: readonly PluginDescriptor[]
}
export type WorkerPropsAnswer = { readonly props: Props } | { readonly error: string }

async function answer({ props, plugins }: WorkerPropsRequest): Promise<WorkerPropsAnswer> {
  try {
    return { props: (await resolveProps(props, props, plugins)).props }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

// the entry module of the thread that replaces variables in a worker's properties
lendSdk()
parentPort?.postMessage(await answer(workerData as WorkerPropsRequest))
