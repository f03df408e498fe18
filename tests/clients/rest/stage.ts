import { mkdir, writeFile } from 'node:fs/promises'
import { openClient } from '@isthmus/client'
import { javaConnectDistributed, youngJvm } from '../../apache/apache.ts'
import type { Child } from '../../process/child.ts'
import { eventually } from '../../process/eventually.ts'
import { workerProps } from '../../process/file-copy.ts'
import { isthmusStandalone } from '../../process/isthmus.ts'
import { freePorts } from '../../process/ports.ts'
import { openEmbedded } from '../embedded.ts'

/** Where a client of the REST API plays: a worker with passwords, and files for a source and a sink. */
export interface Stage extends AsyncDisposable {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly bootstrapServers: string
  /** Of the source's file `in.txt`, the sink's `out.txt`, and what a client needs. */
  readonly dir: string
}

const EXTENSION = 'org.apache.kafka.connect.rest.basic.auth.extension'
const [USERNAME, PASSWORD] = ['ann', 'secret']

/** Our worker, or Java's, as a process beside an embedded broker. Without `passwords` it lets everybody in. */
export async function openStage(
  whose: 'isthmus' | 'java',
  options: { readonly passwords: boolean },
): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(await openEmbedded())
  const dir = broker.dir.at('play')
  await mkdir(dir)
  await writeFile(`${dir}/in.txt`, 'one\ntwo\n')
  await writeFile(`${dir}/users`, `${USERNAME}=${PASSWORD}\n`)
  const login = `${EXTENSION}.PropertyFileLoginModule required file="${dir}/users";`
  await writeFile(`${dir}/jaas.conf`, `KafkaConnect {\n  ${login}\n};\n`)
  const worker = {
    ...workerProps(broker.bootstrapServers, `${dir}/offsets`),
    ...(options.passwords && { 'rest.extension.classes': `${EXTENSION}.BasicAuthSecurityRestExtension` }),
  }
  const jaas = `-Djava.security.auth.login.config=${dir}/jaas.conf`
  const child = stack.use(
    whose === 'java' ? await startJava(dir, worker, jaas) : await startIsthmus(dir, worker, jaas),
  )
  const { url } = child
  const client = openClient({ url, username: USERNAME, password: PASSWORD })
  const ended = child.ended.then(() => {
    throw new Error(`the worker ended:\n${child.output()}`)
  })
  const answers = eventually('the worker answers', () => client.health().catch(() => null), 120_000)
  await Promise.race([answers, ended])
  const owned = stack.move()
  return {
    url,
    username: USERNAME,
    password: PASSWORD,
    bootstrapServers: broker.bootstrapServers,
    dir,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Props = { readonly [name: string]: string }

async function startIsthmus(dir: string, worker: Props, jaas: string): Promise<Child & { url: string }> {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const env = { KAFKA_OPTS: jaas }
  const child = await isthmusStandalone({ dir, worker: { ...worker, listeners: url }, connectors: [], env })
  return Object.assign(child, { url })
}

async function startJava(dir: string, worker: Props, jaas: string): Promise<Child & { url: string }> {
  const storage = ['offset', 'config', 'status'].flatMap((kind) => [
    [`${kind}.storage.topic`, `clients-${kind}s`],
    [`${kind}.storage.replication.factor`, '1'],
  ])
  // a setting of the offsets topic, as Java's distributed worker reads it
  const { 'offset.storage.file.filename': _, ...props } = worker
  const all = { ...props, 'group.id': 'clients', ...Object.fromEntries(storage) }
  const child = await javaConnectDistributed({ dir, worker: all, jvm: [...youngJvm, jaas] })
  return Object.assign(child, { url: child.rest })
}
