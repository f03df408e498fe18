import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, test } from 'node:test'
import { codeOf } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { configErrors, runSource, runWorker, skippingClock, sourceContract } from '@isthmus/testkit'
import { HttpSource } from './index.ts'

interface Api extends AsyncDisposable {
  readonly url: string
  /** What was asked for, as `orders after 3`. */
  readonly requests: readonly string[]
}

/** An API with so many items in each collection; `instead` may answer a request, by its number, in another way. */
async function openApi(
  count: number,
  instead: (request: number, response: ServerResponse) => boolean | Promise<boolean> = () => false,
): Promise<Api> {
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    const after = Number(url.searchParams.get('after'))
    requests.push(`${url.pathname.slice(1)} after ${after}`)
    if (await instead(requests.length, response)) return
    const last = Math.min(count, after + Number(url.searchParams.get('limit')))
    const items = Array.from({ length: Math.max(0, last - after) }, (_, index) => ({ id: after + index + 1 }))
    response.end(JSON.stringify({ items, more: last < count }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const props = (api: Api, more = {}) => ({
  url: api.url,
  collections: 'orders',
  'page.size': '3',
  'poll.interval.ms': '10',
  'requests.per.second': '1000',
  ...more,
})
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('HttpSource', () => {
  for (const { name, run } of sourceContract({
    plugin: HttpSource,
    source: async () => {
      const api = await openApi(7)
      return { props: props(api), [Symbol.asyncDispose]: api[Symbol.asyncDispose] }
    },
    count: 7,
  }))
    it(name, run)

  it('reads page by page, at once where there are more, in an order for each collection', async () => {
    await using api = await openApi(7)
    const records = await runSource(
      HttpSource,
      props(api, { collections: 'orders,people', 'topic.prefix': 'shop.', 'poll.interval.ms': '3600000' }),
      { count: 14 },
    )
    const of = (topic: string) =>
      records.filter((record) => record.topic === topic).map(({ key }) => Number(key))
    assert.deepEqual(of('shop.orders'), numbers(1, 7))
    assert.deepEqual(of('shop.people'), numbers(1, 7))
    assert.deepEqual(
      api.requests,
      [0, 3, 6].flatMap((after) => [`orders after ${after}`, `people after ${after}`]),
    )
  })

  it('waits as long as the API wants it', async () => {
    await using api = await openApi(3, (request, response) => {
      if (request > 2) return false
      response.writeHead(429, request === 1 ? { 'retry-after': '7' } : {}).end()
      return true
    })
    const clock = skippingClock()
    const before = clock.now()
    const records = await runSource(HttpSource, props(api), { count: 3, clock })
    assert.deepEqual(
      records.map(({ sourceOffset }) => sourceOffset['after']),
      [1, 2, 3],
    )
    assert.equal(clock.now() - before, 8000, 'what it asked for, and a second where it did not say')
  })

  it('asks again for all pages when one of them could not be had', async () => {
    await using api = await openApi(2, (request, response) => {
      if (request === 2) response.writeHead(503).end()
      if (request === 4) response.destroy()
      return request === 2 || request === 4
    })
    const clock = skippingClock()
    const records = await runSource(HttpSource, props(api, { collections: 'orders,people' }), {
      count: 4,
      clock,
    })
    assert.deepEqual(
      records.map(({ topic, key }) => `${topic} ${key}`),
      ['orders 1', 'orders 2', 'people 1', 'people 2'],
    )
    assert.equal(api.requests.length, 6)
  })

  it('fails with what the API says against it', async () => {
    await using api = await openApi(1, (request, response) => {
      if (request === 1) response.writeHead(403).end('No such token')
      else response.end('{"items":[{"id":"one"}],"more":false}')
      return true
    })
    await assert.rejects(runSource(HttpSource, props(api), { count: 1 }), (error: Error) => {
      assert.match(error.message, /\/orders\?after=0&limit=3 answered 403: No such token$/)
      return codeOf(error) === 'connect'
    })
    await assert.rejects(
      runSource(HttpSource, props(api), { count: 1 }),
      /which is no page of items with ids$/,
    )
  })

  it('goes by offsets, and refuses what is none', async () => {
    await using api = await openApi(7)
    const partition = { collection: 'orders' }
    const from = async (offset: { [name: string]: number }) =>
      (await runSource(HttpSource, props(api), { count: 2, stored: [[partition, offset]] })).map(
        ({ key }) => key,
      )
    assert.deepEqual(await from({ after: 5 }), ['6', '7'])
    await assert.rejects(from({ position: 5 }), /'after' is to be the id of an item, not undefined/)
  })

  it('finds fault with a config before anything runs', async () => {
    const errors = await configErrors(HttpSource, { url: 'localhost:80', collections: '', 'page.size': '0' })
    assert.deepEqual(Object.keys(errors).sort(), ['collections', 'page.size', 'url'])
  })
})

test('HttpSource: nothing is lost when the worker is killed in the middle', async () => {
  const [first, rest] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  // a page in the middle is held back, until the worker has been killed
  await using api = await openApi(200, async (request) => {
    if (request !== 12) return false
    first.resolve()
    await rest.promise
    return false
  })
  await using worker = await runWorker({ plugins: [new URL('.', import.meta.url)] })
  const sample = parseProperties(await readFile(new URL('http-source.properties', import.meta.url), 'utf8'))
  await worker.connect('shop', { ...sample, ...props(api, { 'page.size': '10' }) })
  await first.promise
  await worker.until('the offset behind the pages before is stored', async () => {
    const [stored] = await worker.offsets('shop')
    return stored?.offset?.['after'] === 110
  })
  await worker.kill()
  rest.resolve()
  const before = api.requests.length
  await worker.restart()
  const records = await worker.records('shop.orders', {
    converters: sample,
    until: (all) => all.at(-1)?.key === '200',
  })
  const ids = records.map(({ key }) => Number(key))
  assert.deepEqual([...new Set(ids)], numbers(1, 200))
  assert.equal(api.requests[before], 'orders after 110', 'it went on where it was')
})
