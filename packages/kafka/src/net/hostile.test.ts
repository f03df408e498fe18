import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { listGroups, metadata } from '@isthmus/protocol/apis'
import { openCluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { openFetcher } from '../fetcher/fetcher.ts'
import { openProducer } from '../producer/producer.ts'
import { enqueue, numbered, pollUntil, textOf, write } from '../testing/contract/values.ts'
import { impatient, openOwnBroker } from '../testing/own-broker.ts'
import { openScriptedServer } from '../testing/scripted-server.ts'

/** The same numbers in each run. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >> 8) % sides
  }
}

test('an answer that drips is given up in time, however often it drips', async () => {
  await using broker = await openScriptedServer()
  const timers = new Set<NodeJS.Timeout>()
  broker.on(metadata, ({ socket }) => {
    socket.write(Buffer.from('00010000', 'hex'))
    timers.add(setInterval(() => socket.write('x'), 20))
  })
  await using cluster = openCluster({ ...impatient, 'bootstrap.servers': broker.address })
  const began = performance.now()
  await assert.rejects(cluster.nodes(), { kafka: 'TIMED_OUT', retriable: true })
  assert.ok(performance.now() - began < 3_000)
  for (const timer of timers) clearInterval(timer)
})

test('answers that are announced and never come take no memory', async () => {
  await using broker = await openScriptedServer()
  broker.on(listGroups, ({ socket }) => socket.write(Buffer.from('05f5e100', 'hex')))
  await using cluster = openCluster({ ...impatient, 'bootstrap.servers': broker.address })
  const before = process.memoryUsage.rss()
  for (let i = 0; i < 10; i++)
    await assert.rejects(
      cluster.request(listGroups, {}, { to: 'any' }, { signal: AbortSignal.timeout(20), lane: `${i}` }),
      KafkaError,
    )
  const held = process.memoryUsage.rss() - before
  assert.ok(held < 100_000_000, `${held} bytes for 1 GB of promises`)
})

test('record batches full of noise are reported where they are, and passed by who seeks', async () => {
  await using own = await openOwnBroker()
  const topic = await own.topic()
  await write(own.cluster, topic, 0, numbered(100), { 'batch.size': '500' })
  const roll = dice(1)
  for (let round = 0; round < 40; round++) {
    using _spoiling = own.broker.intercept('Fetch', () => ({
      after(answer) {
        for (const { partitions } of answer.responses)
          for (const p of partitions) {
            if (!p.records?.length) continue
            const noise = Buffer.from(p.records)
            for (let i = 0; i <= roll(8); i++) noise[roll(noise.length)] = roll(256)
            p.records = noise.subarray(0, 1 + roll(noise.length))
          }
        return undefined
      },
    }))
    await using fetcher = openFetcher(own.cluster, { 'auto.offset.reset': 'earliest' })
    fetcher.assign([{ topic, partition: 0, offset: 0 }])
    try {
      for (const { records } of await fetcher.poll(100))
        for (const { offset, value } of records) assert.equal(String(value), `v${offset}`)
    } catch (error) {
      assert.ok(error instanceof KafkaError, String(error))
    }
  }
  await using fetcher = openFetcher(own.cluster, { 'auto.offset.reset': 'earliest' })
  fetcher.assign([{ topic, partition: 0, offset: 0 }])
  assert.deepEqual((await pollUntil(fetcher, (r) => r.length >= 100)).map(textOf), numbered(100))
})

test('a line that garbles, cuts and breaks what brokers say neither crashes nor hangs a client', async () => {
  await using own = await openOwnBroker()
  const topic = await own.topic()
  const roll = dice(7)
  let honest = false
  let garbled = 0
  const sockets = new Set<Socket>()
  const line = createServer((near) => {
    const far = connect(own.broker.port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        near.destroy()
        far.destroy()
        sockets.delete(socket)
      })
    }
    near.pipe(far)
    far.on('data', (chunk: Buffer) => {
      const fate = honest ? 9 : roll(6)
      if (fate > 2) return void near.write(chunk)
      garbled++
      if (fate === 0) chunk[roll(chunk.length)] = roll(256)
      near.write(fate === 1 ? chunk.subarray(0, roll(chunk.length)) : chunk)
      if (fate === 2) near.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(line, 'listening')
  const { port } = line.address() as AddressInfo
  // brokers name themselves in metadata, which would lead around the line
  using _named = own.broker.intercept('Metadata', () => ({
    after(answer) {
      for (const node of answer.brokers) node.port = port
      return undefined
    },
  }))
  const props = {
    ...impatient,
    'bootstrap.servers': `127.0.0.1:${port}`,
    'socket.connection.setup.timeout.ms': '300',
    'metadata.max.age.ms': '100',
    'default.api.timeout.ms': '2000',
  }
  let settled = 0
  for (let round = 0; round < 3; round++) {
    await using cluster = openCluster(props)
    const within = { ...props, 'delivery.timeout.ms': '400', 'max.block.ms': '400' }
    await using producer = openProducer<null>(cluster, within, {
      acknowledged({ tokens }) {
        settled += tokens.length
      },
    })
    await using fetcher = openFetcher(cluster, { ...props, 'auto.offset.reset': 'earliest' })
    fetcher.assign([{ topic, partition: 0, offset: null }])
    let taken = 0
    settled = 0
    for (const value of numbered(6, `round ${round} `)) {
      const outcome = await enqueue(producer, topic, 0, value, null).catch((error: unknown) => error)
      if (outcome === undefined) taken++
      else assert.ok(outcome instanceof KafkaError, String(outcome))
      await producer.flush()
      const polled = await fetcher.poll(10).catch((error: unknown) => error)
      if (polled instanceof Error) assert.ok(polled instanceof KafkaError, String(polled))
      if (polled instanceof Error) fetcher.assign([])
    }
    assert.equal(settled, taken)
  }
  assert.ok(garbled > 10, `${garbled} times`)
  honest = true
  {
    await using cluster = openCluster(props)
    await cluster.retry(() => cluster.topic(topic))
    await write(cluster, topic, 0, ['heard'], impatient)
  }
  for (const socket of sockets) socket.destroy()
  line.close()
  await once(line, 'close')
})
