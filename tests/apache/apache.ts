import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, type ChildOptions, startChild } from '../process/child.ts'
import { eventually } from '../process/eventually.ts'
import { accepts, freePorts } from '../process/ports.ts'
import { writeProperties } from '../process/properties-file.ts'
import { apacheClassPath } from './jars.ts'

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const logging = [
  `-Dlog4j2.configurationFile=${file('log4j2.yaml')}`,
  // releases before 4.0
  `-Dlog4j.configuration=file:${file('log4j.properties')}`,
]

type Props = { readonly [name: string]: string }

/** For programs that do not run for long: what better code costs to make they never earn back. */
export const youngJvm: readonly string[] = ['-Xmx1g', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
/** For tools, which live for a second or two. */
export const smallJvm: readonly string[] = [...youngJvm, '-Xmx256m']
/** For what is measured. */
export const fullJvm: readonly string[] = ['-Xmx1g']

/** Has a JVM take classes from the archive that `scripts/test.ts` names, if it does. */
export function fromArchive(): readonly string[] {
  const archive = process.env['ISTHMUS_CLASS_ARCHIVE']
  return archive === undefined
    ? []
    : [`-XX:SharedArchiveFile=${archive}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off']
}

/** A Java program of the Apache distribution, of today's release unless another is named. */
export async function startJava(
  main: string,
  args: readonly string[],
  options: Pick<ChildOptions, 'longestMs' | 'stdin'> & {
    readonly jvm?: readonly string[]
    readonly release?: string | undefined
  } = {},
): Promise<ReturnType<typeof startChild>> {
  const { jvm = youngJvm, release, ...rest } = options
  const own = [
    ...(release === undefined ? fromArchive() : []),
    '-cp',
    await apacheClassPath(release),
    ...logging,
  ]
  return startChild('java', [...jvm, ...own, main, ...args], rest)
}

export interface ApacheKafka extends AsyncDisposable {
  readonly bootstrapServers: string
  readonly pid: number
  /** Kills the broker as a power cut would; `start` runs it again on the same port and data. */
  kill(): Promise<void>
  start(): Promise<void>
}

/**
 * One Apache Kafka node (KRaft) on free ports and in a folder of its own; resolves when it accepts connections. `format`: further
 * arguments for formatting its storage, such as users. `jvm`: options of the broker's JVM.
 */
export async function openApacheKafka(
  props: Props | ((ports: { readonly port: number; readonly controller: number }) => Props) = {},
  {
    format = [],
    jvm = youngJvm,
  }: { readonly format?: readonly string[]; readonly jvm?: readonly string[] } = {},
): Promise<ApacheKafka> {
  const dir = await mkdtemp(join(tmpdir(), 'isthmus-apache-'))
  const [port = 0, controller = 0] = await freePorts(2)
  const properties = join(dir, 'server.properties')
  await writeProperties(properties, {
    ...nodeProps(dir, port, controller),
    ...(typeof props === 'function' ? props({ port, controller }) : props),
  })
  const formatted = await startJava('kafka.tools.StorageTool', [
    'format',
    '-t',
    'aXN0aG11cy1hcGFjaGUtMA',
    '-c',
    properties,
    ...format,
  ])
  if ((await formatted.ended) !== 0) throw new Error(`formatting ${dir} failed:\n${formatted.output()}`)
  let broker: Child
  const start = async (): Promise<void> => {
    broker = await startJava('kafka.Kafka', [properties], { jvm, longestMs: 3_600_000 })
    const gone = broker.ended.then(() => {
      throw new Error(`Apache Kafka ended:\n${broker.output()}`)
    })
    gone.catch(() => {})
    await Promise.race([eventually('Apache Kafka accepts connections', () => accepts(port), 60_000), gone])
  }
  const kill = async (): Promise<void> => {
    await broker[Symbol.asyncDispose]()
  }
  await start()
  return {
    bootstrapServers: `127.0.0.1:${port}`,
    get pid() {
      return broker.pid
    },
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function nodeProps(dir: string, port: number, controller: number): Props {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': join(dir, 'data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '5',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // a broker that was killed may register again only after its session
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '400',
  }
}

/** Java's standalone worker. It listens on a port of its own; `dir` receives its property files. */
export async function javaConnectStandalone(options: {
  readonly dir: string
  readonly worker: Props
  readonly connectors: readonly Props[]
  readonly jvm?: readonly string[]
}): Promise<Child & { readonly rest: string }> {
  const [rest = 0] = await freePorts(1)
  await mkdir(options.dir, { recursive: true })
  const files = [{ listeners: `http://127.0.0.1:${rest}`, ...options.worker }, ...options.connectors].map(
    (props, index) => ({
      path: join(options.dir, index === 0 ? 'worker.properties' : `c${index}.properties`),
      props,
    }),
  )
  for (const { path, props } of files) await writeProperties(path, props)
  const main = 'org.apache.kafka.connect.cli.ConnectStandalone'
  const child = await startJava(
    main,
    files.map((file) => file.path),
    options.jvm === undefined ? {} : { jvm: options.jvm },
  )
  return Object.assign(child, { rest: `http://127.0.0.1:${rest}` })
}

/** Java's distributed worker, without waiting for it to answer. */
export async function javaConnectDistributed(options: {
  readonly dir: string
  readonly worker: Props
  readonly jvm?: readonly string[]
}): Promise<Child & { readonly rest: string }> {
  const [rest = 0] = await freePorts(1)
  const path = join(options.dir, `worker-${rest}.properties`)
  await mkdir(options.dir, { recursive: true })
  await writeProperties(path, { listeners: `http://127.0.0.1:${rest}`, ...options.worker })
  const child = await startJava(
    'org.apache.kafka.connect.cli.ConnectDistributed',
    [path],
    options.jvm === undefined ? {} : { jvm: options.jvm },
  )
  return Object.assign(child, { rest: `http://127.0.0.1:${rest}` })
}
