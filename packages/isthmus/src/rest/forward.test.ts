import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError } from '@isthmus/sdk'
import { type Forwarded, hereOrElsewhere, type Passed } from './forward.ts'

type Send = Parameters<typeof hereOrElsewhere>[2]
const LEADER = 'http://leader:8083/'

function requestOf(path: string, method = 'PUT'): Forwarded {
  return {
    method,
    url: new URL(path, 'http://me:8083'),
    base: 'http://me:8083/',
    body: Buffer.from('{"n":1.0}'),
    authorization: 'Basic x',
    signal: new AbortController().signal,
  }
}
const notHere = (url: string) => async () => {
  throw Object.assign(new ConnectError('not-leader', 'no'), { url })
}
const answer = (status: number, body: string, headers = {}): Awaited<ReturnType<Send>> => ({
  status,
  headers,
  body: Buffer.from(body),
})

describe('a request that another worker must do', () => {
  it('goes there as it came, and its answer comes back as it is', async () => {
    const sent: unknown[] = []
    const reply = await hereOrElsewhere(
      notHere(LEADER),
      requestOf('/connectors/a%20b/config?x=1'),
      async (url, { method, headers, body }) => {
        sent.push(url, method, headers, String(body))
        return answer(201, '{"big":12345678901234567890}', {
          location: 'http://leader:8083/connectors/a%20b',
        })
      },
    )
    assert.deepEqual(sent, [
      'http://leader:8083/connectors/a%20b/config?x=1&forward=true',
      'PUT',
      { accept: 'application/json', 'content-type': 'application/json', authorization: 'Basic x' },
      '{"n":1.0}',
    ])
    assert.equal(reply.status, 201)
    assert.equal(reply.headers?.['Location'], 'http://me:8083/connectors/a%20b')
    assert.equal(Buffer.from((reply.body as Passed).bytes).toString(), '{"big":12345678901234567890}')
  })

  it('is done here when it can be', async () => {
    const reply = await hereOrElsewhere(
      async () => ({ status: 204 }),
      requestOf('/connectors/a'),
      async () => assert.fail('sent'),
    )
    assert.deepEqual(reply, { status: 204 })
  })

  it('makes two hops at most', async () => {
    const urls: string[] = []
    const send: Send = async (url) => {
      urls.push(url)
      return answer(204, '')
    }
    await hereOrElsewhere(notHere(LEADER), requestOf('/connectors/a?forward=true'), send)
    assert.deepEqual(urls, ['http://leader:8083/connectors/a?forward=false'])
    await assert.rejects(hereOrElsewhere(notHere(LEADER), requestOf('/connectors/a?forward=false'), send), {
      status: 409,
      message: 'Cannot complete request because of a conflicting operation (e.g. worker rebalance)',
    })
    await assert.rejects(hereOrElsewhere(notHere(''), requestOf('/connectors/a'), send), {
      status: 409,
      message:
        'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.',
    })
  })

  it('passes refusals on, and answers 500 to what is no answer of a worker', async () => {
    const through = (given: Awaited<ReturnType<Send>>) =>
      hereOrElsewhere(notHere(LEADER), requestOf('/connectors/a'), async () => given)
    const refused = await through(answer(409, '{"error_code":409,"message":"m"}'))
    assert.equal(refused.status, 409)
    await assert.rejects(through(answer(302, '')), {
      status: 500,
      message: 'Unexpected status code when handling forwarded request: 302',
    })
    await assert.rejects(through(answer(502, '<html>')), { status: 500, message: /^Error trying to forward/ })
    await assert.rejects(
      hereOrElsewhere(notHere(LEADER), requestOf('/connectors/a'), async () => {
        throw Object.assign(new Error('gone'), { code: 'ECONNRESET' })
      }),
      { status: 500, message: 'IO Error trying to forward REST request: gone' },
    )
  })

  it('waits for another leader when the one it knows does not listen any more', async () => {
    let leader = 'http://dead:1/'
    const reply = await hereOrElsewhere(
      () => notHere(leader)(),
      requestOf('/connectors/a'),
      async (url) => {
        if (!url.startsWith('http://dead')) return answer(204, '')
        leader = LEADER
        throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
      },
    )
    assert.equal(reply.status, 204)
    await assert.rejects(
      hereOrElsewhere(
        notHere('http://dead:1/'),
        requestOf('/connectors/a'),
        async () => {
          throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
        },
        100,
      ),
      { status: 500, message: 'IO Error trying to forward REST request: refused' },
    )
  })
})
