import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { openClient } from '@isthmus/client'
import { openRestWorker, type RestWorker } from './worker.ts'

const HOST = 'Host: localhost\r\n'

describe('HTTP as it comes over the wire', () => {
  let worker: RestWorker
  before(async () => {
    worker = await openRestWorker()
  })
  after(() => worker[Symbol.asyncDispose]())

  /** All that is answered to exactly this text, until the connection is closed. */
  function raw(text: string): Promise<string> {
    const { hostname, port } = new URL(worker.url)
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'))
      let answer = ''
      socket.setTimeout(20_000, () => socket.destroy(new Error(`no end of ${answer}`)))
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1')
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(answer))
    })
  }
  const request = (method: string, path: string, headers = HOST) =>
    raw(`${method} ${path} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`)
  const statusOf = (answer: string) => Number(answer.split(' ')[1])

  test('hosts: Java wants one that is one, of HTTP/1.1 alone', async () => {
    assert.match(await raw('GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 [\s\S]*"4\.3\.1"/)
    for (const [headers, status] of [
      ['', 400],
      ['Host: \r\n', 400],
      [HOST + HOST, 400],
      [`${HOST}Host: other\r\n`, 400],
      ['Host: a b\r\n', 400],
      ['Host: a/b\r\n', 400],
      ['Host: a:99999\r\n', 400],
      ['Host: [::1\r\n', 400],
      ['Host: 999.1.1.1\r\n', 200],
      ['Host: [::1]:8083\r\n', 200],
    ] as const)
      assert.equal(statusOf(await request('GET', '/', headers)), status, headers)
    assert.equal(statusOf(await request('GET', 'http://localhost/connectors?x=1')), 200)
    assert.equal(statusOf(await request('GET', 'http://other/connectors')), 400)
    assert.deepEqual(worker.lines, [])
  })

  test('a path is judged before the method, that before the body and what is accepted', async () => {
    for (const [method, path, headers, status] of [
      ['GET', '/', 'Accept: \r\n', 200],
      ['GET', '/', 'Accept: text/html\r\nAccept: application/json\r\n', 200],
      ['GET', '/', 'Accept: text/html\r\n', 406],
      ['GET', '/nowhere', 'Accept: text/html\r\n', 404],
      ['POST', '/connectors/x/status', 'Accept: text/html\r\n', 405],
      ['POST', '/connectors', 'Accept: text/html\r\nContent-Type: text/plain\r\n', 415],
      ['TRACE', '/', '', 405],
      ['GET', '/Connectors', '', 404],
      ['GET', '/%63onnectors', '', 404],
      ['GET', '/connectors/', '', 200],
      ['GET', '/connectors#here', '', 200],
    ] as const)
      assert.equal(
        statusOf(await request(method, path, HOST + headers)),
        status,
        `${method} ${path} ${headers}`,
      )
    assert.equal(statusOf(await raw(`CONNECT a:80 HTTP/1.1\r\n${HOST}\r\n`)), 405)
  })

  test('what is asked behind a wish for another protocol is answered too', async () => {
    const upgrade = `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`
    const answers = await raw(`${upgrade}GET /connectors HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`)
    assert.match(answers, /"version"[\s\S]*HTTP\/1\.1 200 [\s\S]*\r\n\r\n\[\]$/)
  })

  test('a name in a path is decoded once: what looks encoded itself names another connector', async () => {
    const client = openClient({ url: worker.url })
    const config = { 'connector.class': 'FileStreamSink', topics: 'none', file: worker.dir.at('none.txt') }
    const names = ['pA', 'p%41', 'p%2541', 'a b+c', '100%', 'ü/x?y#z', '.', '..', '...']
    for (const name of names) await client.create({ name, config, initial_state: 'STOPPED' })
    // `fetch` takes a name of dots for a step up
    const byFetch = names.filter((name) => name !== '.' && name !== '..' && !name.includes('/'))
    for (const name of byFetch) assert.equal((await client.connector(name)).name, name)
    for (const name of ['.', '..'])
      assert.throws(() => client.delete(name), { name: 'TypeError', message: /cannot be asked for by fetch/ })
    await client.delete('p%41')
    assert.ok(!(await client.connectors()).includes('p%41'))
    for (const name of byFetch.filter((one) => one !== 'p%41'))
      assert.equal((await client.status(name)).name, name)

    for (const path of [
      '/connectors/%2e',
      '/connectors/.%2E/status',
      '/connectors/%',
      '/connectors/%zz',
      '/connectors/%ff',
    ])
      assert.equal(statusOf(await request('GET', path)), 400, path)
    for (const name of ['.', '..']) {
      assert.match(await request('GET', `/connectors/${name}/status`), /^HTTP\/1\.1 200 /)
      assert.equal(statusOf(await request('DELETE', `/connectors/${name}`)), 204)
    }
    assert.ok(!(await client.connectors()).some((name) => name === '.' || name === '..'))
  })
})
