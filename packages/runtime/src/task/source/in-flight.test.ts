import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sourceRecord } from '@isthmus/sdk'
import { openInFlight } from './in-flight.ts'

const recordOf = (file: string, position: number) =>
  sourceRecord({ topic: 't', value: 'x', sourcePartition: { file }, sourceOffset: { position } })

describe('records in flight', () => {
  it('offers nothing while the first record is missing, then the whole acknowledged prefix', () => {
    const inFlight = openInFlight({ keepRecords: true })
    const slots = [1, 2, 3].map((position) => {
      const record = recordOf('a', position)
      return inFlight.take(record)
    })
    inFlight.acknowledge(slots[2]!)
    inFlight.acknowledge(slots[1]!)
    assert.equal(inFlight.takeCommittable().size, 0)
    inFlight.acknowledge(slots[0]!)
    assert.deepEqual([...inFlight.takeCommittable().values()], [[{ file: 'a' }, { position: 3 }]])
    assert.equal(inFlight.takeCommittable().size, 0)
    assert.equal(inFlight.pending, 0)
  })

  it('lets one source partition advance while another waits', () => {
    const inFlight = openInFlight({ keepRecords: true })
    inFlight.take(recordOf('stuck', 1))
    for (let position = 1; position <= 1000; position++) {
      const record = recordOf('a', position)
      const slot = inFlight.take(record)
      inFlight.acknowledge(slot)
    }
    assert.deepEqual([...inFlight.takeCommittable().values()], [[{ file: 'a' }, { position: 1000 }]])
    assert.equal(inFlight.pending, 1)
  })

  it('keeps a dropped record in its place', () => {
    const inFlight = openInFlight({ keepRecords: true })
    const record = recordOf('a', 1)
    const slot = inFlight.take(record)
    inFlight.drop(recordOf('a', 2))
    assert.equal(inFlight.takeCommittable().size, 0)
    inFlight.acknowledge(slot)
    assert.deepEqual([...inFlight.takeCommittable().values()], [[{ file: 'a' }, { position: 2 }]])
  })

  it('offers nothing of a place that was given back, and waits for none', () => {
    const inFlight = openInFlight({ keepRecords: true })
    const first = inFlight.take(recordOf('a', 1))
    inFlight.giveBack(inFlight.take(recordOf('a', 2)))
    assert.equal(inFlight.pending, 1)
    inFlight.acknowledge(first)
    assert.deepEqual([...inFlight.takeCommittable().values()], [[{ file: 'a' }, { position: 1 }]])
    const given = inFlight.take(recordOf('a', 2))
    assert.equal(inFlight.record(given)?.sourceOffset['position'], 2)
    inFlight.giveBack(given)
    assert.equal(inFlight.record(given), null)
    assert.equal(inFlight.takeCommittable().size, 0)
    const again = inFlight.take(recordOf('a', 2))
    const last = inFlight.take(recordOf('a', 3))
    inFlight.acknowledge(last)
    assert.equal(inFlight.takeCommittable().size, 0)
    inFlight.giveBack(again)
    assert.deepEqual([...inFlight.takeCommittable().values()], [[{ file: 'a' }, { position: 3 }]])
    assert.equal(inFlight.pending, 0)
  })

  it('is one queue for a partition that several objects name, also after it was empty', () => {
    const inFlight = openInFlight({ keepRecords: true })
    const [one, other] = [{ file: 'a' }, { file: 'a' }]
    const submit = (sourcePartition: { file: string }, position: number) => {
      const record = { ...recordOf('a', position), sourcePartition }
      return inFlight.take(record)
    }
    for (const slot of [submit(one, 1), submit(other, 2)]) inFlight.acknowledge(slot)
    inFlight.drop(recordOf('b', 1))
    inFlight.takeCommittable()
    submit(other, 3)
    inFlight.acknowledge(submit(one, 4))
    // the third is still missing
    assert.equal(inFlight.takeCommittable().size, 0)
  })

  it('refuses a record without a source partition before the producer has it', () => {
    const inFlight = openInFlight({ keepRecords: true })
    const record = { ...recordOf('a', 1), sourcePartition: { nested: { deep: 1 } } }
    assert.throws(() => inFlight.take(record), /Offsets may only contain primitive types/)
    assert.equal(inFlight.pending, 0)
  })

  it('agrees with a naive model for random orders of acknowledgement', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return seed % below
    }
    // sources name a partition by one object or by many
    const partitions = () => Object.fromEntries([0, 1, 2, 3].map((i) => [`f${i}`, { file: `f${i}` }]))
    const objects = [partitions(), partitions(), partitions()]
    const inFlight = openInFlight({ keepRecords: true })
    const model = new Map<string, { offset: number; acked: boolean }[]>()
    const open: { slot: number; entry: { acked: boolean } }[] = []
    const stored = new Map<string, number>()
    for (let step = 0; step < 20_000; step++) {
      const action = random(100)
      if (action < 48) {
        const file = `f${random(4)}`
        const entry = { offset: step, acked: false }
        model.set(file, [...(model.get(file) ?? []).slice(-2000), entry])
        const record = { ...recordOf(file, step), sourcePartition: objects[random(objects.length)]![file]! }
        open.push({ slot: inFlight.take(record), entry })
      } else if (action < 96 && open.length > 0) {
        const [{ slot, entry }] = open.splice(random(open.length), 1) as [(typeof open)[number]]
        inFlight.acknowledge(slot)
        entry.acked = true
      } else if (action >= 96) {
        for (const [partition, offset] of inFlight.takeCommittable().values())
          stored.set(partition['file'] as string, offset['position'] as number)
        for (const [file, entries] of model) {
          const missing = entries.findIndex((entry) => !entry.acked)
          const safe = missing === -1 ? entries.at(-1)?.offset : entries[missing - 1]?.offset
          if (safe !== undefined) assert.equal(stored.get(file), safe)
        }
        assert.equal(inFlight.pending, open.length)
      }
    }
  })
})
