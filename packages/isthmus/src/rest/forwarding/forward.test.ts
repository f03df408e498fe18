import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError } from '@isthmus/sdk'
import { type ForwardedJson, type ForwardedRequest, handleOrForward } from './forward.ts'

type Send = Parameters<typeof handleOrForward>[2]
const LEADER = 'http://leader:8083/'

function requestOf(target: string, method = 'PUT'): ForwardedRequest {
  const [path = '', query = ''] = target.split('?')
  return {
    method,
    path,
    query: new URLSearchParams(query),
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
    const reply = await handleOrForward(
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
    assert.equal(reply.headers?.['location'], 'http://me:8083/connectors/a%20b')
    assert.equal(Buffer.from((reply.body as ForwardedJson).bytes).toString(), '{"big":12345678901234567890}')
  })

  it('is done here when it can be', async () => {
    const reply = await handleOrForward(
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
    await handleOrForward(notHere(LEADER), requestOf('/connectors/a?forward=true'), send)
    assert.deepEqual(urls, ['http://leader:8083/connectors/a?forward=false'])
    await assert.rejects(handleOrForward(notHere(LEADER), requestOf('/connectors/a?forward=false'), send), {
      status: 409,
      message: 'Cannot complete request because of a conflicting operation (e.g. worker rebalance)',
    })
    await assert.rejects(handleOrForward(notHere(''), requestOf('/connectors/a'), send), {
      status: 409,
      message:
        'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.',
    })
  })

  it('passes refusals on, and answers 500 to what is no answer of a worker', async () => {
    const through = (given: Awaited<ReturnType<Send>>) =>
      handleOrForward(notHere(LEADER), requestOf('/connectors/a'), async () => given)
    const refused = await through(answer(409, '{"error_code":409,"message":"m"}'))
    assert.equal(refused.status, 409)
    await assert.rejects(through(answer(302, '')), {
      status: 500,
      message: 'Unexpected status code when handling forwarded request: 302',
    })
    await assert.rejects(through(answer(502, '<html>')), { status: 500, message: /^Error trying to forward/ })
    await assert.rejects(
      handleOrForward(notHere(LEADER), requestOf('/connectors/a'), async () => {
        throw Object.assign(new Error('gone'), { code: 'ECONNRESET' })
      }),
      { status: 500, message: 'IO Error trying to forward REST request: gone' },
    )
  })

  it('says that a leader is too old for it', async () => {
    const through = (method: string, path: string, given: Awaited<ReturnType<Send>>, info: string | null) =>
      handleOrForward(notHere(LEADER), requestOf(path, method), async (url) => {
        if (url !== LEADER) return given
        if (info === null) throw new Error('gone')
        return answer(200, info)
      })
    const bare = (status: number, words: string) =>
      answer(status, `{"error_code":${status},"message":"HTTP ${status} ${words}"}`)
    const info = '{"version":"2.8.2","commit":"x","kafka_cluster_id":"y"}'
    const rest = 'Update that worker, or stop it, so that a newer one leads.'
    const lacks = (what: string, version = ' of version 2.8.2') => ({
      status: 501,
      message: `The leader of the group, ${LEADER}${version}, is too old for this request: it does not know ${what}. ${rest}`,
    })
    await assert.rejects(
      through('PUT', '/connectors/a/stop', bare(404, 'Not Found'), info),
      lacks('PUT /connectors/a/stop'),
    )
    await assert.rejects(
      through('PATCH', '/connectors/a/config?x=1', bare(405, 'Method Not Allowed'), null),
      lacks('PATCH /connectors/a/config', ''),
    )
    const unknown = 'Unrecognized field \\"initial_state\\" (class CreateConnectorRequest)'
    await assert.rejects(
      through('POST', '/connectors', answer(500, `{"error_code":500,"message":"${unknown}"}`), info),
      lacks('the field "initial_state"'),
    )
    await assert.rejects(
      through('POST', '/connectors/a/restart?includeTasks=true&onlyFailed=false', answer(204, ''), info),
      lacks('includeTasks, and has restarted the connector alone'),
    )
    const known = await through(
      'DELETE',
      '/connectors/a',
      answer(404, '{"error_code":404,"message":"Connector a not found"}'),
      info,
    )
    assert.equal(known.status, 404)
    assert.equal((await through('POST', '/connectors/a/restart', answer(204, ''), info)).status, 204)
  })

  it('waits for another leader when the one it knows does not listen any more', async () => {
    let leader = 'http://dead:1/'
    const reply = await handleOrForward(
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
      handleOrForward(
        notHere('http://dead:1/'),
        requestOf('/connectors/a'),
        async () => {
          throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
        },
        { patienceMs: 100 },
      ),
      { status: 500, message: 'IO Error trying to forward REST request: refused' },
    )
  })
})
