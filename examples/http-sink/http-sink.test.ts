import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, test } from 'node:test'
import { codeOf } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { runSink, runWorker, sinkContract, sinkRecord } from '@isthmus/testkit'
import { HttpSink } from './index.ts'

interface Item {
  readonly id: string
  readonly value: unknown
}

interface Api extends AsyncDisposable {
  readonly url: string
  /** What it has taken, by id. */
  readonly items: ReadonlyMap<string, unknown>
  /** How many items each request carried. */
  readonly requests: readonly number[]
}

/** An API that has each id once. `instead` may answer a request, by its number, in another way, before or after it is taken. */
async function openApi(
  instead: (
    request: number,
    response: ServerResponse,
    items: readonly Item[],
  ) => 'refused' | 'taken' | null = () => null,
): Promise<Api> {
  const items = new Map<string, unknown>()
  const requests: number[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { items: Item[] }
    requests.push(body.items.length)
    const what = instead(requests.length, response, body.items)
    if (what === 'refused') return
    for (const { id, value } of body.items) items.set(id, value)
    if (what === null) response.writeHead(204).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    items,
    requests,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const records = (count: number) =>
  Array.from({ length: count }, (_, kafkaOffset) =>
    sinkRecord({ topic: 'orders', kafkaOffset, value: kafkaOffset }),
  )

describe('HttpSink', () => {
  for (const { name, run } of sinkContract({
    plugin: HttpSink,
    target: async () => {
      const api = await openApi()
      return { api, props: { url: api.url }, [Symbol.asyncDispose]: api[Symbol.asyncDispose] }
    },
    records: records(5),
    written: ({ api }) => api.items.size,
    holdsOnce: true,
  }))
    it(name, run)

  it('sends many records in a request, each named by where it is in Kafka', async () => {
    await using api = await openApi()
    await runSink(HttpSink, { url: api.url, 'batch.size': '4' }, records(10), { batchSize: 3 })
    assert.deepEqual(api.requests, [4, 4, 2])
    assert.deepEqual(
      [...api.items.keys()],
      Array.from({ length: 10 }, (_, offset) => `orders-0-${offset}`),
    )
  })

  it('sends again what may not have been taken, and each is there once', async () => {
    await using api = await openApi((request, response) => {
      if (request === 1) response.writeHead(503).end()
      // taken, but nobody hears of it
      if (request === 2) response.destroy()
      return request === 1 ? 'refused' : request === 2 ? 'taken' : null
    })
    const { committed } = await runSink(HttpSink, { url: api.url, 'batch.size': '5' }, records(5))
    assert.deepEqual(api.requests, [5, 5, 5])
    assert.equal(api.items.size, 5)
    assert.equal(committed[0]?.offset, 5)
  })

  it('does not wait for ever for an answer', async () => {
    await using api = await openApi((request) => (request === 1 ? 'refused' : null))
    await runSink(HttpSink, { url: api.url, 'batch.size': '2', 'request.timeout.ms': '50' }, records(2))
    assert.deepEqual([...api.items.keys()], ['orders-0-0', 'orders-0-1'])
  })

  it('reports the records that the API refuses, and the others are taken', async () => {
    await using api = await openApi((_request, response, items) => {
      if (!items.some(({ value }) => value === 3 || value === 6)) return null
      response.writeHead(422).end('No threes and sixes')
      return 'refused'
    })
    const { errant, committed } = await runSink(HttpSink, { url: api.url, 'batch.size': '8' }, records(8))
    assert.deepEqual(
      errant.map(({ value }) => value),
      [3, 6],
    )
    assert.deepEqual([...api.items.values()], [0, 1, 2, 4, 5, 7])
    assert.equal(committed[0]?.offset, 8)
  })

  it('fails where all would be refused, with what the API says', async () => {
    await using api = await openApi((_request, response) => {
      response.writeHead(401).end('Who are you?')
      return 'refused'
    })
    await assert.rejects(runSink(HttpSink, { url: api.url }, records(2)), (error: Error) => {
      assert.match(error.message, /answered 401: Who are you\?$/)
      return codeOf(error) === 'connect'
    })
  })
})

test('HttpSink: each record is taken once, though the worker is killed while an answer is on its way', async () => {
  const asked = Promise.withResolvers<void>()
  await using api = await openApi((request) => {
    if (request !== 3) return null
    asked.resolve()
    return 'taken'
  })
  await using worker = await runWorker({
    plugins: [new URL('.', import.meta.url)],
    // how long the group waits for the task of a worker that was killed
    props: { 'consumer.session.timeout.ms': '6000' },
  })
  const all = Array.from({ length: 100 }, (_, id) => ({ value: { id } }))
  await worker.produce('orders', all.slice(0, 50))
  const sample = parseProperties(await readFile(new URL('http-sink.properties', import.meta.url), 'utf8'))
  await worker.connect('orders-out', { ...sample, url: api.url, 'batch.size': '10', 'tasks.max': '1' })
  await asked.promise
  await worker.kill()
  await worker.produce('orders', all.slice(50))
  await worker.restart()
  await worker.until('all of them are there', () => api.items.size >= 100)
  const sent = api.requests.reduce((sum, count) => sum + count, 0)
  assert.ok(sent > 100, 'some were sent twice')
  assert.deepEqual(
    [...api.items].map(([id, value]) => [id, value]),
    all.map(({ value }, offset) => [`orders-0-${offset}`, value]),
  )
})
