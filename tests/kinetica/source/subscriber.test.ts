import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openSubscriber } from '@isthmus/connector-kinetica/testing'
import { openSimulator, type Simulator } from '@isthmus/kinetica-simulator'
import { callDatabase, createTable } from '../database.ts'

const LONGEST_MS = 15_000

async function openMonitor(simulator: Simulator) {
  const { topic_id } = await callDatabase(simulator.url, '/create/tablemonitor', {
    table_name: 'blobs',
    options: {},
  })
  return await openSubscriber({
    host: 'localhost',
    port: simulator.monitorPort(),
    topic: String(topic_id),
    signal: AbortSignal.timeout(LONGEST_MS),
    idleMs: 300,
  })
}

describe('a subscriber of libzmq', () => {
  const blobs = async (): Promise<Simulator> => {
    const simulator = await openSimulator()
    await createTable(simulator.url, 'blobs', [{ name: 'blob', type: 'bytes' }])
    return simulator
  }

  it('receives whatever is published once it is open', async () => {
    await using simulator = await blobs()
    for (let round = 0; round < 50; round++) {
      await using subscriber = await openMonitor(simulator)
      await simulator.insert('blobs', [{ blob: Buffer.from(`${round}`) }])
      const [frame] = await subscriber.receive(AbortSignal.timeout(LONGEST_MS))
      assert.ok(frame?.toString().endsWith(`${round}`), `round ${round}: ${frame}`)
    }
  })

  it('receives frames of all lengths, in their order', async () => {
    await using simulator = await blobs()
    await using subscriber = await openMonitor(simulator)
    const lengths = [0, 1, 252, 253, 254, 255, 256, 65_535, 65_536, 3_000_000, 20_000_000, 5]
    await simulator.insert(
      'blobs',
      lengths.map((length) => ({ blob: Buffer.alloc(length, length % 251) })),
    )
    const frames: Buffer[] = []
    while (frames.length < lengths.length)
      frames.push(...(await subscriber.receive(AbortSignal.timeout(LONGEST_MS))))
    for (const [index, length] of lengths.entries()) {
      const blob = frames[index]?.subarray(-length || frames[index]?.length)
      assert.equal(blob?.length, length)
      assert.ok(blob.every((byte) => byte === length % 251))
    }
  })

  it('is answered while nothing is published', async () => {
    await using simulator = await blobs()
    await using subscriber = await openMonitor(simulator)
    // several times as long as it takes to give up a publisher that does not answer
    assert.deepEqual(await subscriber.receive(AbortSignal.timeout(1500)), [])
    await simulator.insert('blobs', [{ blob: Buffer.from('alive') }])
    const [frame] = await subscriber.receive(AbortSignal.timeout(LONGEST_MS))
    assert.ok(frame?.toString().endsWith('alive'))
  })
})
