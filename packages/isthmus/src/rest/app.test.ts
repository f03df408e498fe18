import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectorOffset } from '@isthmus/rest-api'
import type { Herder } from '@isthmus/runtime'
import { typedNumber } from '@isthmus/sdk/data'
import { restApp } from './app.ts'
import type { RestContext } from './route.ts'
import { offsetRoutes } from './routes/offsets.ts'
import type { HttpRequest } from './server/http.ts'

const request = (method: string, path: string, body = ''): HttpRequest => ({
  method,
  path,
  search: '',
  authority: null,
  header: (name) => ({ host: 'x', 'content-type': 'application/json' })[name] ?? null,
  count: () => 1,
  body: async () => Buffer.from(body),
  signal: new AbortController().signal,
  remoteAddress: undefined,
  httpVersion: '1.1',
})

describe('offsets over REST', () => {
  const partition = { int: -3, double: typedNumber('float64', 2), text: 'a' }
  const offset = {
    long: 9007199254740993n,
    least: -9223372036854775808n,
    whole: typedNumber('float64', -0),
    large: typedNumber('float64', 1e21),
    fraction: 2.5,
    flag: true,
    none: null,
  }
  let changes: readonly ConnectorOffset[] = []
  const herder: Partial<Herder> = {
    offsets: async () => ({ offsets: [{ partition, offset }] }),
    async alterOffsets(_, given) {
      changes = given
      return 'done'
    },
  }
  const app = restApp({
    routes: offsetRoutes,
    context: () => ({ herder, url: 'http://x/' }) as Partial<RestContext> as RestContext,
    send: () => assert.fail('nothing is forwarded'),
    log: { error: assert.fail } as never,
  })

  it('are shown with every digit and as what they are, and what is shown can be sent back', async () => {
    const shown = await app(request('GET', '/connectors/a/offsets'))
    assert.equal(
      String(shown.body),
      '{"offsets":[{"partition":{"int":-3,"double":2.0,"text":"a"},"offset":{"long":9007199254740993,"least":-9223372036854775808,"whole":-0.0,"large":1.0E21,"fraction":2.5,"flag":true,"none":null}}]}',
    )
    const { status } = await app(request('PATCH', '/connectors/a/offsets', String(shown.body)))
    assert.equal(status, 200)
    assert.deepEqual(changes, [{ partition, offset }])
  })
})
