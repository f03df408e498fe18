import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startChild } from '../process/child.ts'
import { javaConnectDistributed, openApacheKafka, startJava, youngJvm } from './apache.ts'
import { APACHE_VERSION, apacheClassPath, cacheFolder } from './jars.ts'

/**
 * Where the classes of Apache Kafka are kept as a JVM has them in memory, written once for each Java and kept with the jars. Measured, a
 * broker, a worker or a tool starts with half of the CPU time: a suite starts a hundred of them.
 */
export async function classArchive(): Promise<string> {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  const java = /"(.+?)"/.exec(stderr)?.[1] ?? 'unknown'
  const archive = cacheFolder(`classes-${APACHE_VERSION}-java-${java}.jsa`)
  if (!existsSync(archive)) await write(archive)
  return archive
}

async function write(archive: string): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'isthmus-classes-'))
  try {
    const list = join(dir, 'all.lst')
    await writeFile(list, await classesOf(dir))
    const made = join(dir, 'classes.jsa')
    const dump = [`-XX:SharedClassListFile=${list}`, `-XX:SharedArchiveFile=${made}`, '-Xlog:cds=off']
    const child = startChild('java', ['-Xshare:dump', ...dump, '-cp', await apacheClassPath()])
    if ((await child.ended) !== 0) throw new Error(`no class archive was written:\n${child.output()}`)
    await mkdir(dirname(archive), { recursive: true })
    const next = `${archive}.${process.pid}`
    // another file system, perhaps
    await writeFile(next, await readFile(made))
    await rename(next, archive)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** What a broker, a worker of a group and two tools load. */
async function classesOf(dir: string): Promise<string> {
  const lists: string[] = []
  const listing = (): readonly string[] => {
    const path = join(dir, `${lists.length}.lst`)
    lists.push(path)
    return [...youngJvm, `-XX:DumpLoadedClassList=${path}`]
  }
  {
    await using broker = await openApacheKafka({}, { jvm: listing() })
    const server = ['--bootstrap-server', broker.bootstrapServers]
    const storage = ['config', 'offset', 'status'].flatMap((kind) => [
      [`${kind}.storage.topic`, `${kind}s`],
      [`${kind}.storage.replication.factor`, '1'],
    ])
    const json = 'org.apache.kafka.connect.json.JsonConverter'
    const worker = {
      'bootstrap.servers': broker.bootstrapServers,
      'group.id': 'classes',
      'key.converter': json,
      'value.converter': json,
      ...Object.fromEntries(storage),
    }
    await using java = await javaConnectDistributed({ dir, worker, jvm: listing() })
    await java.printed('Finished starting connectors and tasks', 120_000)
    for (const [main, input, ...args] of TOOLS) {
      await using tool = await startJava(main, [...server, ...args], { jvm: listing(), stdin: 'pipe' })
      tool.stdin?.end(input)
      await tool.ended
    }
  }
  const classes = new Set<string>()
  for (const path of lists) {
    const lines = (await readFile(path, 'utf8')).split('\n')
    // what was killed may have been in the middle of its last one
    for (const line of lines.slice(0, -1)) classes.add(line)
  }
  return `${[...classes].join('\n')}\n`
}

const TOOLS: readonly (readonly [main: string, input: string, ...args: readonly string[]])[] = [
  ['org.apache.kafka.tools.ConsoleProducer', 'x\n', '--topic', 'classes'],
  [
    'org.apache.kafka.tools.consumer.ConsoleConsumer',
    '',
    '--topic',
    'classes',
    '--from-beginning',
    '--max-messages',
    '1',
  ],
  ['org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', '', '--list'],
]
