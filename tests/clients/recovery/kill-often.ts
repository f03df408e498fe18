import { setTimeout as wait } from 'node:timers/promises'
import { openAdmin, openCluster } from '@isthmus/kafka'
import { eventually } from '../../process/eventually.ts'
import { makeTopics } from '../../process/new-topics.ts'
import { openEmbedded } from '../embedded.ts'
import { startGroupReader } from './group-reader.ts'
import type { Load } from './load.ts'
import { openLongTransaction } from './open-transaction.ts'
import { startPlainWriter } from './plain-writer.ts'
import { SOURCE_PARTITIONS, startTransfers } from './transfers.ts'
import { startVerifiable } from './verifiable.ts'

const topics = {
  plain: 3,
  once: 200,
  left: 1,
  right: 1,
  long: 1,
  java: 1,
  'transfer-source': SOURCE_PARTITIONS,
}

/**
 * Kills the broker so many times under load, each time after everything went on for a moment, and holds it in the end to all it
 * acknowledged. Without Java, what Java's clients would add is left out.
 */
export async function killOften(kills: number, java: boolean, say: (line: string) => void): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(await openEmbedded())
  const { bootstrapServers } = broker
  const cluster = stack.use(
    openCluster({
      'bootstrap.servers': bootstrapServers,
      'reconnect.backoff.max.ms': '200',
      'default.api.timeout.ms': '120000',
    }),
  )
  await makeTopics(
    openAdmin(cluster),
    Object.entries(topics).map(([name, partitions]) => ({
      name,
      partitions,
      replicationFactor: 1,
      // several segments, so that recovery meets rolled ones
      configs: { 'segment.bytes': '1048576' },
    })),
  )
  const loads: Load[] = [
    stack.use(startPlainWriter(cluster, 'plain')),
    stack.use(
      startGroupReader(cluster, {
        topic: 'plain',
        partitions: topics.plain,
        once: 'once',
        oncePartitions: topics.once,
      }),
    ),
    stack.use(await startTransfers(cluster, ['left', 'right'])),
    stack.use(await openLongTransaction(cluster, 'long')),
  ]
  if (java) loads.push(stack.use(await startVerifiable(cluster, bootstrapServers, 'java', broker.dir)))
  const moving = async (): Promise<void> => {
    const before = loads.map((load) => load.progress())
    await eventually(
      'every client goes on',
      () =>
        loads.every(
          (load, i) => load.progress() > (before[i] ?? 0) || before[i] === Number.POSITIVE_INFINITY,
        ),
      60_000,
    )
  }
  for (let kill = 0; kill < kills; kill++) {
    await moving()
    // at another point of what the clients do each time
    await wait((kill * 37) % 211)
    await broker.kill()
    await broker.start()
  }
  await moving()
  for (const load of loads) await load.stop()
  for (const load of loads) say(await load.check())
}
