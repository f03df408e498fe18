import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { workerProps } from '../process/file-copy.ts'
import { isthmusStandalone, openBrokerProcess } from '../process/isthmus.ts'
import { freePorts } from '../process/ports.ts'
import { openTempDir } from '../process/temp-dir.ts'

export interface EmptyWorkerOptions {
  /** Texts of the files in its `plugin.path`, by their paths there; it has none when absent. */
  readonly plugins?: { readonly [path: string]: string }
  readonly props?: { readonly [name: string]: string }
}

/** A standalone worker in a process of its own, with a broker of its own. It begins without connectors, and is asked over REST. */
export async function openEmptyWorker({ plugins, props = {} }: EmptyWorkerOptions = {}) {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const broker = stack.use(await openBrokerProcess(dir.at('broker')))
  for (const [path, text] of Object.entries(plugins ?? {})) {
    const file = dir.at(`plugins/${path}`)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  const [port] = await freePorts(1)
  const listener = `http://127.0.0.1:${port}`
  const worker = stack.use(
    await isthmusStandalone({
      dir: dir.path,
      worker: workerProps(broker.bootstrapServers, dir.at('offsets'), {
        listeners: listener,
        ...(plugins !== undefined && { 'plugin.path': dir.at('plugins') }),
        ...props,
      }),
      connectors: [],
    }),
  )
  await worker.printed('Kafka Connect started')
  const url = `${listener}/connectors`
  const owned = stack.move()

  /** Puts a config that may be refused. */
  async function ask(name: string, config: object): Promise<{ status: number; text: string }> {
    const response = await fetch(`${url}/${name}/config`, {
      method: 'PUT',
      body: JSON.stringify(config),
      headers: { 'content-type': 'application/json' },
    })
    return { status: response.status, text: await response.text() }
  }
  return {
    dir,
    worker,
    ask,
    async create(name: string, config: object): Promise<void> {
      const { status, text } = await ask(name, config)
      assert.equal(status, 201, `${name}: ${text}`)
    },
    async remove(name: string): Promise<void> {
      assert.equal((await fetch(`${url}/${name}`, { method: 'DELETE' })).status, 204)
    },
    /** The state of its first task; empty until it has one. */
    async taskOf(name: string): Promise<{ state?: string; trace?: string }> {
      return (await (await fetch(`${url}/${name}/tasks/0/status`)).json()) as object
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
