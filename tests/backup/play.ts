import assert from 'node:assert/strict'
import type { Client } from '@isthmus/client'
import { download, openS3Server } from '@isthmus/connector-s3/testing'
import { type Admin, openAdmin, openCluster, type PartitionOffset } from '@isthmus/kafka'
import { eventually } from '../process/eventually.ts'
import { type GroupWorker, startWorker } from '../process/group-worker.ts'
import { makeTopics } from '../process/new-topics.ts'
import type { TempDir } from '../process/temp-dir.ts'
import {
  BACKUP,
  backupConfig,
  FOLDER,
  GROUP,
  OFFSETS_TOPIC,
  RESTORE,
  restoreConfig,
  workerProps,
} from './configs.ts'
import { allPartitions, type Contents, partitionsOf, readContents } from './contents.ts'
import { gapsIn, judgeCommitted, judgeRestored, type Kill, nameOf } from './judge.ts'
import { clockFrom, countOf, produce, TOPIC_NAMES, TOPICS } from './records.ts'
import { storedOffsets } from './stored-offsets.ts'

export interface PlayOptions {
  readonly dir: TempDir
  readonly bootstrapServers: string
  /** In all topics together. */
  readonly records: number
  /** By each of the two tasks of the restore; 0: as fast as it can. */
  readonly restoredPerSecond: number
  readonly say: (line: string) => void
}

/** How much is written before the backup begins, and how much when one of its workers is killed. */
const BEFORE = 0.5
const BACKUP_KILL = 0.75
/** How much is restored when its worker is killed. */
const RESTORE_KILLS = [0.25, 0.6]
/** Of a compacted partition, roughly. */
const SEGMENTS = 20
const LONGEST_MS = 600_000

/**
 * Backs topics up with a group of two workers of which one is killed, deletes them, restores them with a worker that is killed twice, and
 * compares every record with what it was. A consumer group is to stand before the same records in the end.
 */
export async function playBackup(options: PlayOptions): Promise<void> {
  await using play = await openPlay(options)
  const { say } = options
  await play.fill()
  const backup = await play.backUp()
  const { originals } = backup
  const gaps = new Map(TOPIC_NAMES.map((topic) => [topic, gapsOf(originals, topic)]))
  say(`backed up in ${backup.seconds} s: ${backup.objects} objects, ${backup.megabytes} MB`)
  say(`gaps in the offsets: ${[...gaps].map(([topic, count]) => `${topic} ${count}`).join(', ')}`)
  assert.ok(Number(gaps.get('accounts')) > 0 && Number(gaps.get('payments')) > 0)

  await play.lose()
  const { kills, copies, seconds } = await play.restore(originals)
  const again = originals.map((original, index) => judgeRestored(original, copies[index] as Contents, kills))
  const records = originals.reduce((sum, { numbers }) => sum + numbers.length, 0)
  say(`restored ${records} records in ${seconds} s, ${again.reduce((sum, one) => sum + one)} of them twice`)
  await play.checkGroup(originals, copies, backup.groupOffsets)
}

const gapsOf = (contents: readonly Contents[], topic: string): number =>
  contents.reduce((sum, one) => sum + (one.topic === topic ? gapsIn(one) : 0), 0)

async function openPlay({ dir, bootstrapServers, records, restoredPerSecond, say }: PlayOptions) {
  const clock = clockFrom(Date.now() - 3_600_000)
  await using opening = new AsyncDisposableStack()
  const cluster = opening.use(
    openCluster({ 'bootstrap.servers': bootstrapServers, 'metadata.max.age.ms': '1000' }),
  )
  const admin = openAdmin(cluster)
  const server = opening.use(await openS3Server())
  const bucket = await server.bucket()
  const stack = opening.move()
  const start = async (name: string): Promise<GroupWorker> =>
    stack.use(await startWorker.isthmus(dir.at(name), workerProps(bootstrapServers)))
  const stored = () => storedOffsets(cluster, OFFSETS_TOPIC, RESTORE)

  const seenAtKill = async (): Promise<Kill> => {
    const ends = new Map((await endsOf(admin)).map((end) => [nameOf(end), end.offset]))
    const offsets = await stored()
    return {
      endOf: (partition) => ends.get(nameOf(partition)) ?? 0,
      storedOf: (partition) => offsets.get(nameOf(partition)) ?? -1,
    }
  }

  return {
    /** The topics, with the first part of their records. */
    async fill(): Promise<void> {
      await makeTopics(
        admin,
        TOPIC_NAMES.map((name) => ({
          name,
          partitions: TOPICS[name].partitions,
          replicationFactor: 1,
          configs: configsOf(name, records),
        })),
      )
      await produce(cluster, clock, records, 0, BEFORE)
      await eventually('the compacted topic has gaps', async () => {
        const contents = await readContents(cluster, clock, partitionsOf('accounts'))
        return contents.every((one) => gapsIn(one) > 0)
      })
    },

    async backUp() {
      const began = performance.now()
      const worker = await start('first')
      const other = await start('second')
      await configure(worker, BACKUP, backupConfig(TOPIC_NAMES, bucket))
      await eventually('each worker runs a task', () => isShared(worker), LONGEST_MS)
      await produce(cluster, clock, records, BEFORE, BACKUP_KILL)
      // what was written last is on its way to the bucket
      await other[Symbol.asyncDispose]()
      const left = await lagOf(admin, await readContents(cluster, clock))
      assert.ok(left > 0, 'nothing was left to back up when the worker was killed')
      await produce(cluster, clock, records, BACKUP_KILL, 1)
      const written = await readContents(cluster, clock)
      const groupOffsets = groupOffsetsFor(written)
      await admin.alterGroupOffsets(GROUP, groupOffsets)
      await eventually('all is backed up', async () => (await lagOf(admin, written)) === 0, LONGEST_MS)
      const seconds = secondsSince(began)
      // what has been compacted until now need not be in the backup; what is still there has to be
      const originals = await readContents(cluster, clock)
      const objects = await eventually('the offsets of the group are backed up', async () => {
        const found = await download(bucket, FOLDER)
        return groupOffsets.every((one) => groupOffsetIn(found, one) === one.offset) && found
      })
      await worker.client.delete(BACKUP)
      await worker[Symbol.asyncDispose]()
      const megabytes = Math.round([...objects.values()].reduce((sum, { length }) => sum + length, 0) / 1e6)
      return { originals, groupOffsets, seconds, objects: objects.size, megabytes }
    },

    /** The topics are no more, and neither is the group. */
    async lose(): Promise<void> {
      for (const error of (await admin.deleteTopics(TOPIC_NAMES)).values()) assert.equal(error, null)
      await admin.deleteGroup(GROUP)
    },

    async restore(originals: readonly Contents[]) {
      const all = originals.reduce((sum, { numbers }) => sum + numbers.length, 0)
      const began = performance.now()
      let worker = await start('restore')
      await configure(worker, RESTORE, restoreConfig(bucket, restoredPerSecond))
      const kills: Kill[] = []
      for (const part of RESTORE_KILLS) {
        await eventually(
          `${part} of all is restored`,
          async () => (await endsOf(admin)).reduce((sum, { offset }) => sum + offset, 0) >= part * all,
          LONGEST_MS,
        )
        await worker[Symbol.asyncDispose]()
        const kill = await seenAtKill()
        kills.push(kill)
        say(
          `killed with ${originals.filter((one) => kill.storedOf(one) >= 0).length} of ${originals.length} partitions under way`,
        )
        worker = await start(`restore after kill ${kills.length}`)
      }
      await eventually(
        'all is restored',
        async () => {
          const offsets = await stored()
          return originals.every((one) => offsets.get(nameOf(one)) === one.offsets.at(-1))
        },
        LONGEST_MS,
      )
      const seconds = secondsSince(began)
      const topics = await admin.describeTopics(TOPIC_NAMES)
      for (const name of TOPIC_NAMES) {
        const found = topics.get(name)
        assert.equal(found && 'partitions' in found && found.partitions.length, TOPICS[name].partitions)
      }
      return { kills, seconds, copies: await readContents(cluster, clock) }
    },

    /** The group stands in each partition before the record before which it stood. */
    async checkGroup(
      originals: readonly Contents[],
      copies: readonly Contents[],
      groupOffsets: readonly PartitionOffset[],
    ): Promise<void> {
      const committed = await eventually('the group has offsets', async () => {
        const offsets = await admin.groupOffsets(GROUP)
        return offsets.length === groupOffsets.length && offsets
      })
      for (const [index, was] of groupOffsets.entries()) {
        const is = committed.find((one) => nameOf(one) === nameOf(was))?.offset ?? -1
        judgeCommitted(originals[index] as Contents, was.offset, copies[index] as Contents, is)
      }
    },

    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

function configsOf(topic: (typeof TOPIC_NAMES)[number], records: number): { [name: string]: string } {
  const { configs } = TOPICS[topic]
  const segmentMs = Math.max(1, Math.floor(countOf(topic, records) / SEGMENTS))
  return 'cleanup.policy' in configs
    ? { ...configs, 'segment.ms': String(segmentMs), 'min.cleanable.dirty.ratio': '0.01' }
    : configs
}

/** A worker that has just started may not be in its group yet. */
async function configure(
  { client }: GroupWorker,
  name: string,
  config: Parameters<Client['put']>[1],
): Promise<void> {
  await eventually(
    `the workers take ${name}`,
    () =>
      client.put(name, config).then(
        () => true,
        (error: Error) => (Reflect.get(error, 'status') === 400 ? Promise.reject(error) : false),
      ),
    60_000,
  )
}

async function isShared({ client }: GroupWorker): Promise<boolean> {
  const { tasks } = await client.status(BACKUP).catch(() => ({ tasks: [] }))
  return (
    tasks.every(({ state }) => state === 'RUNNING') && new Set(tasks.map((task) => task.worker_id)).size === 2
  )
}

/** How many records the backup has still to commit. */
async function lagOf(admin: Admin, contents: readonly Contents[]): Promise<number> {
  const committed = new Map(
    (await admin.groupOffsets(`connect-${BACKUP}`)).map((one) => [nameOf(one), one.offset]),
  )
  return contents.reduce((lag, one) => {
    const from = committed.get(nameOf(one)) ?? 0
    return lag + one.offsets.filter((offset) => offset >= from).length
  }, 0)
}

const endsOf = (admin: Admin) => admin.listOffsets(allPartitions, 'latest')

/** In the middle of each partition, wherever that is; in the last one at its end. */
const groupOffsetsFor = (originals: readonly Contents[]): readonly PartitionOffset[] =>
  originals.map(({ topic, partition, offsets }, index) => {
    const end = (offsets.at(-1) ?? -1) + 1
    return { topic, partition, offset: index === originals.length - 1 ? end : Math.floor(end / 2) }
  })

const groupOffsetIn = (objects: ReadonlyMap<string, Uint8Array>, partition: PartitionOffset): unknown => {
  const object = objects.get(`${FOLDER}${nameOf(partition)}/offset/consumers_offset`)
  return object === undefined ? null : JSON.parse(String(Buffer.from(object)))[GROUP]
}

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 100) / 10
