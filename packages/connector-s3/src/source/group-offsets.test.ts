import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError, type Props, type SourceRecord } from '@isthmus/sdk'
import { memoryKafka, type StoredOffsets, sourceContext } from '@isthmus/testkit'
import fc from 'fast-check'
import { type MemoryStore, openMemoryStore } from '../testing/memory-store.ts'
import {
  acknowledge,
  backUp,
  openTestLog,
  openTestRestore,
  pollAll,
  type RestoredTopics,
  recordsFrom,
} from '../testing/restore-rig.ts'

const DONE = /^info Restored everything/
const GROUPS: Props = { 'kafka.restoreConsumerGroups': 'true', 'worker.tasks': 't/0' }
const partition = { topic: 't', partition: 0 }
const kafkaOf = (offsets: { readonly [group: string]: number } = {}) =>
  memoryKafka({
    topics: [{ name: 't', partitions: 1 }],
    offsets: Object.fromEntries(
      Object.entries(offsets).map(([group, offset]) => [group, [{ ...partition, offset }]]),
    ),
  })
type Kafka = ReturnType<typeof kafkaOf>

/** A backup of offsets 10 to 29 but 20 to 22, and what groups had committed. */
function backupOf(groups: object | string): MemoryStore {
  const store = openMemoryStore()
  backUp(store, 't', 0, recordsFrom(10, 19))
  backUp(store, 't', 0, recordsFrom(23, 29))
  store.objects.set(
    't/0/offset/consumers_offset',
    Buffer.from(typeof groups === 'string' ? groups : JSON.stringify(groups)),
  )
  return store
}

async function offsetsOf(kafka: Kafka, ...groups: readonly string[]) {
  const offsets: [string, number | undefined][] = []
  for (const group of groups) offsets.push([group, (await kafka.groupOffsets(group, [partition]))[0]?.offset])
  return Object.fromEntries(offsets)
}

/** Restores everything, as one task. */
async function restore(store: MemoryStore, kafka: Kafka, stored: StoredOffsets = []) {
  const log = openTestLog()
  const context = sourceContext({ stored, kafka, log: log.log })
  await using task = await openTestRestore(GROUPS, context, store)
  return { log, records: await pollAll(task, { until: log.when(DONE) }) }
}

describe('the offsets of consumer groups', () => {
  it('become those that the records have in the restored topic', async () => {
    const kafka = kafkaOf()
    const { log } = await restore(
      backupOf({
        none: 0,
        first: 10,
        within: 15,
        gap: 21,
        last: 29,
        end: 30,
        ahead: 99,
        Sink_TP_TotalRecords: 17,
      }),
      kafka,
    )
    assert.deepEqual(
      await offsetsOf(
        kafka,
        'none',
        'first',
        'within',
        'gap',
        'last',
        'end',
        'ahead',
        'Sink_TP_TotalRecords',
      ),
      {
        none: 0,
        first: 0,
        within: 5,
        gap: 10,
        last: 16,
        end: 17,
        ahead: 17,
        Sink_TP_TotalRecords: undefined,
      },
    )
    assert.equal(log.count(/^info Set the offsets of consumer group within: t-0 to 5$/), 1)
  })

  it('are left alone without the property', async () => {
    const kafka = kafkaOf()
    const log = openTestLog()
    await using task = await openTestRestore(
      { 'worker.tasks': 't/0' },
      sourceContext({ kafka, log: log.log }),
      backupOf({ g: 15 }),
    )
    await pollAll(task, { until: log.when(DONE) })
    assert.deepEqual(await kafka.groups(), [])
  })

  it('never go back behind what a group has read itself', async () => {
    const kafka = kafkaOf({ g: 9, h: 2 })
    await restore(backupOf({ g: 15, h: 15 }), kafka)
    assert.deepEqual(await offsetsOf(kafka, 'g', 'h'), { g: 9, h: 5 })
  })

  it('that are no such object are told, and stop nothing', async () => {
    const kafka = kafkaOf()
    const { log, records } = await restore(backupOf('no JSON'), kafka)
    assert.equal(records.length, 17)
    assert.equal(log.count(/^error Object t\/0\/offset\/consumers_offset holds no offsets/), 1)
  })

  it('that cannot be read are told, and stop nothing', async () => {
    const store = backupOf({ g: 15 })
    store.fail('get', new ConnectError('config', 'no right to read'))
    const { log, records } = await restore(store, kafkaOf())
    assert.equal(records.length, 17)
    assert.equal(log.count(/^error The offsets of consumer groups are not restored.*no right to read$/), 1)
  })

  it('of a record that was dropped are those of the next one', async () => {
    const kafka = kafkaOf()
    const log = openTestLog()
    await using task = await openTestRestore(
      GROUPS,
      sourceContext({ kafka, log: log.log }),
      backupOf({ g: 15 }),
    )
    const topics: RestoredTopics = new Map()
    await pollAll(task, {
      until: log.when(DONE),
      deliver(batch) {
        for (const record of batch)
          if (record.sourceOffset['lastReadOffset'] === 15) task.commitRecord?.(record, null)
          else acknowledge(task, [record], topics)
      },
    })
    await task[Symbol.asyncDispose]()
    assert.equal(topics.get('t-0')?.[5], 16)
    assert.deepEqual(await offsetsOf(kafka, 'g'), { g: 5 })
  })

  it('of a group with members are told, kept with the positions, and set by the task that comes next', async () => {
    const kafka = kafkaOf()
    kafka.active.add('g')
    const store = backupOf({ g: 15, h: 16 })
    const log = openTestLog()
    const topics: RestoredTopics = new Map()
    let last: SourceRecord | undefined
    {
      await using task = await openTestRestore(GROUPS, sourceContext({ kafka, log: log.log }), store)
      const records = await pollAll(task, { most: 9, deliver: (batch) => acknowledge(task, batch, topics) })
      last = records[8]
    }
    assert.equal(
      log.count(/^warn The offsets of consumer group g could not be set .* group without members/),
      1,
    )
    assert.equal(JSON.parse(String(last?.sourceOffset['groupOffsets'])).g, 5)
    kafka.active.delete('g')
    const stored = [[last?.sourcePartition ?? {}, last?.sourceOffset ?? {}]] as const
    const rest = await restore(store, kafka, stored)
    assert.equal(rest.records[0]?.sourceOffset['lastReadOffset'], 19)
    assert.deepEqual(await offsetsOf(kafka, 'g', 'h'), { g: 5, h: 6 })
  })

  it('that were restored before, without a trace, are told', async () => {
    const store = backupOf({ behind: 15, there: 15 })
    const [record] = (await restore(store, kafkaOf())).records.slice(-1)
    assert.ok(record)
    const { groupOffsets: _, ...sourceOffset } = record.sourceOffset
    const { log, records } = await restore(store, kafkaOf({ there: 3 }), [
      [record.sourcePartition, sourceOffset],
    ])
    assert.equal(records.length, 0)
    assert.equal(log.count(/^warn The offsets of consumer groups behind in t-0 are not set/), 1)
  })
})

const part = fc.oneof(fc.constant(100), fc.nat({ max: 100 }))
const life = fc.record({
  /** How many records it gives, of which so many are acknowledged; those of these whose position is stored. Parts of 100. */
  records: fc.nat({ max: 12 }),
  acknowledged: part,
  stored: part,
  /** How many offsets of groups it sets before it is killed. */
  set: fc.nat({ max: 4 }),
})

it('however often a restore is killed, no group misses a record that it had not read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 35 }), { minLength: 1, maxLength: 6 }),
      fc.array(life, { maxLength: 4 }),
      async (offsets, lives) => {
        const groups = Object.fromEntries(offsets.map((offset, index) => [`g${index}`, offset]))
        const store = backupOf(groups)
        const kafka = kafkaOf()
        const topics: RestoredTopics = new Map()
        let position: SourceRecord | null = null
        const storedOf = (): StoredOffsets =>
          position === null ? [] : [[position.sourcePartition, position.sourceOffset]]
        for (const { records, acknowledged, stored, set } of lives) {
          const log = openTestLog()
          let left = set
          const alterGroupOffsets: typeof kafka.alterGroupOffsets = async (group, altered) => {
            if (left-- <= 0) throw new ConnectError('state', 'the process is no more')
            await kafka.alterGroupOffsets(group, altered)
          }
          const context = sourceContext({
            stored: storedOf(),
            kafka: { ...kafka, alterGroupOffsets },
            log: log.log,
          })
          await using task = await openTestRestore(GROUPS, context, store)
          const lasting: SourceRecord[] = []
          const until = new AbortController()
          await pollAll(task, {
            most: records,
            until: AbortSignal.any([until.signal, log.when(DONE)]),
            deliver(batch) {
              const count = Math.floor((batch.length * acknowledged) / 100)
              acknowledge(task, batch.slice(0, count), topics)
              lasting.push(...batch.slice(0, count))
              // what comes later must not be acknowledged before what has come
              if (count < batch.length) until.abort()
            },
          })
          position = lasting[Math.floor((lasting.length * stored) / 100) - 1] ?? position
        }
        const log = openTestLog()
        {
          const context = sourceContext({ stored: storedOf(), kafka, log: log.log })
          await using task = await openTestRestore(GROUPS, context, store)
          await pollAll(task, { until: log.when(DONE), deliver: (batch) => acknowledge(task, batch, topics) })
        }
        const restored = topics.get('t-0') ?? []
        for (const [group, offset] of Object.entries(groups)) {
          const at = (await offsetsOf(kafka, group))[group]
          assert.ok(at !== undefined, `${group} at ${offset} has no offset`)
          const unread = new Set(restored.filter((known) => known >= offset))
          const ahead = new Set(restored.slice(at))
          assert.deepEqual(unread.difference(ahead), new Set(), `${group} at ${offset} misses records`)
          // and where nothing came twice, it is the very place
          if (new Set(restored).size === restored.length)
            assert.equal(at, restored.filter((known) => known < offset).length)
        }
      },
    ),
    { numRuns: 200 },
  )
})
