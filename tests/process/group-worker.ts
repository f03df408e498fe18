import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, openClient } from '@isthmus/client'
import { startJava } from '../apache/apache.ts'
import { type Child, startChild } from './child.ts'
import { freePorts } from './ports.ts'
import { writeProperties } from './properties-file.ts'

/** A distributed worker, Java's or ours, as a process; disposing kills it. */
export interface GroupWorker extends AsyncDisposable {
  /** host:port */
  readonly id: string
  readonly pid: number
  readonly client: Client
  output(): string
  /** SIGTERM; settles with its exit code when it has ended. */
  stop(): Promise<number | string>
}
type Props = { readonly [name: string]: string }
export type StartWorker = (dir: string, props: Props) => Promise<GroupWorker>

const script = fileURLToPath(new URL('../../bin/connect-distributed.sh', import.meta.url))
const LONGEST_MS = 3_600_000
// the heap that the Apache distribution's own script gives a Connect worker
const JAVA_HEAP = ['-Xms256M', '-Xmx2G']

const workerOf = (child: Child, port: number | string): GroupWorker => ({
  id: `127.0.0.1:${port}`,
  pid: child.pid,
  client: openClient({ url: `http://127.0.0.1:${port}`, timeoutMs: 120_000 }),
  output: () => child.output(),
  stop() {
    child.kill('SIGTERM')
    return child.ended
  },
  [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
})

export const startWorker = {
  async java(
    dir: string,
    props: Props,
    { jvm = JAVA_HEAP, release }: { readonly jvm?: readonly string[]; readonly release?: string } = {},
  ): Promise<GroupWorker> {
    const { port, file } = await configure(dir, props)
    const main = 'org.apache.kafka.connect.cli.ConnectDistributed'
    return workerOf(await startJava(main, [file], { jvm, release, longestMs: LONGEST_MS }), port)
  },
  async isthmus(dir: string, props: Props, env: Props = {}): Promise<GroupWorker> {
    const { port, file } = await configure(dir, props)
    return workerOf(startChild(script, [file], { cwd: dir, longestMs: LONGEST_MS, env }), port)
  },
}

async function configure(
  dir: string,
  props: Props,
): Promise<{ readonly port: number; readonly file: string }> {
  const [port = 0] = await freePorts(1)
  await mkdir(dir, { recursive: true })
  const path = join(dir, `worker-${port}.properties`)
  return { port, file: await writeProperties(path, { listeners: `http://127.0.0.1:${port}`, ...props }) }
}
