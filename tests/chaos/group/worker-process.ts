import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, openClient } from '@isthmus/client'
import { type Child, startChild } from '../../process/child.ts'
import { freePorts } from '../../process/ports.ts'
import { writeProperties } from '../../process/properties-file.ts'

const script = fileURLToPath(new URL('../../../bin/connect-distributed.sh', import.meta.url))

/** A distributed worker as a user starts it, on the same port of its REST API each time. */
export interface WorkerProcess extends AsyncDisposable {
  /** host:port, as statuses name it. */
  readonly id: string
  readonly client: Client
  /** Runs, and is not frozen. */
  readonly answers: boolean
  start(): void
  kill(): Promise<void>
  freeze(): void
  thaw(): void
  output(): string
}

const LONGEST_MS = 3_600_000

export async function openWorkerProcess(
  dir: string,
  props: { readonly [name: string]: string },
): Promise<WorkerProcess> {
  const [port = 0] = await freePorts(1)
  const id = `127.0.0.1:${port}`
  await mkdir(dir, { recursive: true })
  const file = await writeProperties(join(dir, 'worker.properties'), {
    listeners: `http://${id}`,
    ...props,
  })
  let child: Child | null = null
  let frozen = false
  let earlier = ''
  const worker: WorkerProcess = {
    id,
    client: openClient({ url: `http://${id}`, timeoutMs: 20_000 }),
    get answers() {
      return child !== null && !frozen
    },
    start() {
      child = startChild(script, [file], { cwd: dir, longestMs: LONGEST_MS })
    },
    async kill() {
      frozen = false
      const killed = child
      child = null
      if (killed === null) return
      await killed[Symbol.asyncDispose]()
      earlier += killed.output()
    },
    freeze() {
      frozen = true
      child?.kill('SIGSTOP')
    },
    thaw() {
      child?.kill('SIGCONT')
      frozen = false
    },
    output: () => earlier + (child?.output() ?? ''),
    [Symbol.asyncDispose]: () => worker.kill(),
  }
  worker.start()
  return worker
}
