import { type CommittedOffset, openAdmin, openCluster, openFetcher, type TopicInfo } from '@isthmus/kafka'
import type { Herder } from '@isthmus/runtime'
import type { Props } from '@isthmus/sdk'
import type { Paint } from './paint.ts'
import { type Direction, recordText } from './record-text.ts'
import type { Screen } from './screen.ts'

export interface PassingParts {
  readonly props: Props
  readonly herder: Herder
  readonly screen: Screen
  readonly paint: Paint
}

/** A topic is looked for so often; what is written until it is found is not missed. */
const LOOK_MS = 100
/** So many records a second are printed; of others, how many there were. */
const LINES_MAX = 200
const WINDOW_MS = 1000

/**
 * Prints the records that connectors write, and those that sinks are to read, from now on: of a topic that is made later all of them, and for a sink what
 * its group has not read yet. Ends with its disposal.
 */
export async function openPassing(parts: PassingParts): Promise<AsyncDisposable> {
  const { props, herder } = parts
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(openCluster({ ...props, 'client.id': 'isthmus-dev' }))
  const admin = openAdmin(cluster)
  const fetcher = stack.use(
    openFetcher(cluster, {
      ...props,
      'auto.offset.reset': 'earliest',
      'isolation.level': 'read_committed',
      'allow.auto.create.topics': 'false',
    }),
  )
  const directions = new Map<string, Direction>()
  const positions = new Map<string, CommittedOffset>()
  const lines = openLineLimit(parts.screen)
  const ended = new AbortController()
  const { signal } = ended

  /** Where topics ended before any connector ran; those that are not in it were made later. */
  const before = new Map(
    (await admin.listOffsets((await cluster.topics()).flatMap(partitionsOf), 'latest')).map((end) => [
      keyOf(end),
      end.offset,
    ]),
  )
  const beginOf = async (topic: TopicInfo, group: string | null): Promise<readonly CommittedOffset[]> => {
    const partitions = partitionsOf(topic)
    if (group === null) return partitions.map((one) => ({ ...one, offset: before.get(keyOf(one)) ?? 0 }))
    const committed = await admin.groupOffsets(group, partitions, signal)
    const known = new Map(committed.map((one) => [keyOf(one), one.offset]))
    return partitions.map((one) => ({ ...one, offset: known.get(keyOf(one)) ?? null }))
  }
  const look = async (): Promise<void> => {
    const wanted = topicsOf(herder)
    if ([...wanted.keys()].every((topic) => directions.has(topic))) return
    for (const topic of await cluster.topics(signal)) {
      const want = wanted.get(topic.name)
      if (want === undefined || directions.has(topic.name)) continue
      for (const one of await beginOf(topic, want.group)) positions.set(keyOf(one), one)
      directions.set(topic.name, want.group === null ? 'written' : 'read')
    }
    fetcher.assign([...positions.values()])
    for (const [key, one] of positions) positions.set(key, { ...one, offset: null })
  }
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      await look()
      for (const batch of await fetcher.poll(LOOK_MS, signal))
        for (const record of batch.records)
          lines.print(() => recordText(directions.get(batch.topic) ?? 'written', batch, record, parts.paint))
    }
  }
  const following = follow().catch((error: unknown) => {
    if (!signal.aborted) parts.screen.fault(`Records are not shown any more: ${(error as Error).message}`)
  })
  const owned = stack.move()
  return {
    async [Symbol.asyncDispose]() {
      ended.abort()
      await following
      lines.end()
      await owned.disposeAsync()
    },
  }
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) =>
  `${topic}-${partition}`
const partitionsOf = ({ name: topic, partitions }: TopicInfo) =>
  partitions.map(({ partition }) => ({ topic, partition }))

/** The topics that connectors here have to do with; with the consumer group, of those that only sinks read. */
function topicsOf(herder: Herder): ReadonlyMap<string, { readonly group: string | null }> {
  const topics = new Map<string, { readonly group: string | null }>()
  for (const name of herder.connectors()) {
    const { config, type } = herder.connector(name)
    const sinkTopics = (config['topics'] ?? '').split(',').map((topic) => topic.trim())
    if (type === 'sink') {
      const group = config['consumer.override.group.id'] ?? `connect-${name}`
      // those of a pattern are known once they are read
      for (const topic of [...sinkTopics, ...herder.topics(name)])
        if (topic !== '' && !topics.has(topic)) topics.set(topic, { group })
    } else for (const topic of herder.topics(name)) topics.set(topic, { group: null })
  }
  return topics
}

function openLineLimit(screen: Screen) {
  let windowAt = 0
  let printed = 0
  let leftOut = 0
  let timer: NodeJS.Timeout | null = null
  const end = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (leftOut > 0) screen.say(`  … and ${leftOut} records more`)
    leftOut = 0
  }
  return {
    end,
    print(text: () => string): void {
      const now = performance.now()
      if (now - windowAt >= WINDOW_MS) {
        end()
        windowAt = now
        printed = 0
      }
      if (printed++ < LINES_MAX) screen.say(text())
      else {
        leftOut++
        timer ??= setTimeout(end, WINDOW_MS)
      }
    },
  }
}
