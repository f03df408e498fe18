import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, type PartitionOffset, type SinkRecord, schema } from '@isthmus/sdk'
import { openSimulator, openSink, recordsOf, type Simulator } from './rig.ts'

const row = schema.struct({ partition: schema.int32(), offset: schema.int64() }, { name: 'Row', version: 1 })
const wider = schema.struct(
  { partition: schema.int32(), offset: schema.int64(), note: schema.string({ optional: true }) },
  { name: 'Row', version: 2 },
)
const PARTITIONS = 3
const RECORDS = 60
const STEPS = 120

const recordAt = (partition: number, offset: number): SinkRecord => {
  const [record] = recordsOf(offset % 7 === 3 ? wider : row, [{ partition, offset: BigInt(offset) }], {
    from: offset,
    kafkaPartition: partition,
  })
  return record as SinkRecord
}

/** Numbers from a seed, the same in every run. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), state | 1)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** A worker: it delivers, commits, and gives partitions away and takes them back, as its numbers say. */
async function play(seed: number, database: Simulator): Promise<void> {
  const next = numbersFrom(seed)
  await using sink = await openSink(database.url, {
    'kinetica.batch_size': String(1 + next(6)),
    'kinetica.tables.single_table_per_topic': 'true',
    'kinetica.schema_evolution.enabled': 'true',
    'kinetica.schema_evolution.add_new_fields_as_columns': 'true',
  })
  const delivered = Array<number>(PARTITIONS).fill(0)
  const committed = Array<number>(PARTITIONS).fill(0)
  let redelivered: readonly SinkRecord[] = []

  const deliver = async (): Promise<void> => {
    const records = [...redelivered]
    if (records.length === 0)
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const from = delivered[partition] ?? 0
        const count = Math.min(next(6), RECORDS - from)
        records.push(...Array.from({ length: count }, (_, at) => recordAt(partition, from + at)))
      }
    try {
      await sink.task.put(records)
      redelivered = []
      for (const { kafkaPartition, kafkaOffset } of records) delivered[kafkaPartition] = kafkaOffset + 1
    } catch (error) {
      assert.equal(codeOf(error), 'retriable', String(error))
      redelivered = records
    }
  }
  const commit = async (): Promise<void> => {
    const asked = delivered.map((offset, partition): PartitionOffset => ({ topic: 't', partition, offset }))
    const safe = (await sink.task.preCommit?.(asked)) ?? []
    for (const { partition, offset } of safe) {
      assert.ok(offset <= (delivered[partition] ?? 0), `seed ${seed}: beyond what was delivered`)
      committed[partition] = Math.max(committed[partition] ?? 0, offset)
    }
    assertStored(seed, database, committed)
  }
  const lose = async (): Promise<void> => {
    const partition = next(PARTITIONS)
    await sink.task.close?.([{ topic: 't', partition }])
    await sink.task.open?.([{ topic: 't', partition }])
    delivered[partition] = committed[partition] ?? 0
    redelivered = redelivered.filter(({ kafkaPartition }) => kafkaPartition !== partition)
  }
  const spoil = (): void => {
    const kind = (['cut', 'lose-answer', 'status'] as const)[next(3)] ?? 'cut'
    database.faults.inject({
      after: next(2),
      times: 1 + next(2),
      action: kind === 'status' ? { kind, status: 503 } : { kind },
    })
  }

  for (let step = 0; step < STEPS; step++) {
    const choice = next(10)
    if (choice < 6) await deliver()
    else if (choice < 8) await commit()
    else if (choice < 9) spoil()
    else await lose()
  }
  database.faults.clear()
  for (let step = 0; committed.some((offset) => offset < RECORDS); step++) {
    assert.ok(step < 200, `seed ${seed}: never done, ${committed}`)
    await deliver()
    await commit()
  }
  assert.deepEqual(sink.context.errant, [])
}

function assertStored(seed: number, database: Simulator, committed: readonly number[]): void {
  const stored = new Set(
    database.tables().length === 0
      ? []
      : database.rows('t').map((one) => `${one['partition']}@${one['offset']}`),
  )
  for (const [partition, offset] of committed.entries())
    for (let at = 0; at < offset; at++)
      assert.ok(stored.has(`${partition}@${at}`), `seed ${seed}: offset ${at} of ${partition} is not stored`)
}

for (let seed = 1; seed <= 12; seed++)
  test(`whatever fails and whoever takes partitions away, what is committed is stored (seed ${seed})`, async () => {
    await using database = await openSimulator()
    await play(seed, database)
  })
