import { javaConnectStandalone } from '../../tests/apache/apache.ts'
import { type Child, startChild } from '../../tests/process/child.ts'
import { connectStandaloneScript } from '../../tests/process/isthmus.ts'
import { freePorts } from '../../tests/process/ports.ts'
import { writeProperties } from '../../tests/process/properties-file.ts'

type Props = { readonly [name: string]: string }

/** Starts a standalone worker with the connectors of its command line, and does not wait for it. */
export type IdleWorker = (options: {
  readonly dir: string
  readonly worker: Props
  readonly connectors: readonly Props[]
}) => Promise<Child & { readonly rest: string }>

// the heap that the Apache distribution's own script gives a Connect worker
const javaHeap = ['-Xms256M', '-Xmx2G']

/** `command`: what our worker is started with; the script of the clone when absent. */
export const idleWorkers = (
  command: string = connectStandaloneScript,
): { readonly [name: string]: IdleWorker } => ({
  java: (options) => javaConnectStandalone({ ...options, jvm: javaHeap }),
  async isthmus({ dir, worker, connectors }) {
    const [port = 0] = await freePorts(1)
    const rest = `http://127.0.0.1:${port}`
    const files = await Promise.all(
      [{ listeners: rest, ...worker }, ...connectors].map((props, index) =>
        writeProperties(`${dir}/file-${index}.properties`, props),
      ),
    )
    return Object.assign(startChild(command, files, { cwd: dir }), { rest })
  },
})
