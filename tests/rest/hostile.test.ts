import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { openClient } from '@isthmus/client'
import { openRestWorker, type RestWorker } from './worker.ts'

describe('a worker given what it should not be given', () => {
  let worker: RestWorker
  before(async () => {
    worker = await openRestWorker()
  })
  after(() => worker[Symbol.asyncDispose]())

  const post = async (body: NonNullable<RequestInit['body']>, more: RequestInit = {}) =>
    fetch(`${worker.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      ...more,
    })
  const healthy = async () => assert.equal((await openClient({ url: worker.url }).health()).status, 'healthy')

  test('bodies of 10 MB: 413, with their length and without', async () => {
    const large = `{"name":"${'x'.repeat(10_000_000)}"}`
    assert.equal((await post(large)).status, 413)
    const chunks = new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.alloc(1_000_000, 'x'))
      },
    })
    const streamed = await post(chunks, { duplex: 'half' } as RequestInit).then(
      ({ status }) => status,
      () => 'cut off',
    )
    assert.ok(streamed === 413 || streamed === 'cut off', String(streamed))
    await healthy()
  })

  test('100,000 headers: 431', async () => {
    assert.match(
      await raw(`GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(100_000)}\r\n`),
      /^HTTP\/1\.1 431 /,
    )
    await healthy()
  })

  test('what is no HTTP, no UTF-8, no JSON, or too deep: 400', async () => {
    assert.match(await raw('HELLO\r\n\r\n'), /^HTTP\/1\.1 400 /)
    const bodies = [
      Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
      '{"name":',
      '['.repeat(1_000_000),
      `{"name":"a","config":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
      '{"name":"a","config":{"__proto__":{"polluted":"yes"}}}',
      '{"name":"a","config":{"connector.class":null}}',
    ]
    for (const body of bodies) {
      const answer = await post(body)
      const { error_code, message } = (await answer.json()) as { error_code: number; message: string }
      assert.deepEqual([answer.status, error_code], [400, 400], message)
      assert.ok(message.length < 500, message)
    }
    assert.equal(({} as { polluted?: string }).polluted, undefined)
    await healthy()
  })

  test('paths that lead elsewhere: 400 or 404', async () => {
    for (const path of [
      '/connectors/..%2f..%2fetc%2fpasswd',
      '/connectors/%5c..%5c',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/../../etc/passwd',
      '/connectors/%00',
      '/connectors/%',
      '/connectors/%ff/status',
    ]) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
      assert.match(answer, /^HTTP\/1\.1 40[04] /, path)
    }
    await healthy()
  })

  test('200 connectors made in parallel while others are paused, restarted and deleted', async () => {
    const client = openClient({ url: worker.url })
    const names = Array.from({ length: 200 }, (_, index) => `load-${index}`)
    const config = { 'connector.class': 'FileStreamSink', topics: 'load', file: worker.dir.at('load.txt') }
    await Promise.all(
      names.map(async (name, index) => {
        await client.create({ name, config, initial_state: 'STOPPED' })
        if (index % 4 === 1) await client.pause(name)
        if (index % 4 === 2) await client.restart(name)
        if (index % 4 === 3) await client.delete(name)
        if (index % 4 === 1) await client.stop(name)
      }),
    )
    const kept = names.filter((_, index) => index % 4 !== 3).sort()
    assert.deepEqual([...(await client.connectors())].sort(), kept)
    const states = await client.expanded('status')
    assert.deepEqual(
      new Set(Object.values(states).map(({ status }) => status?.connector.state)),
      new Set(['STOPPED']),
    )
    await Promise.all(kept.map((name) => client.delete(name)))
    assert.deepEqual(await client.connectors(), [])
    await healthy()
  })

  /** The first line and what follows, of an answer to exactly these bytes. */
  function raw(text: string): Promise<string> {
    const { hostname, port } = new URL(worker.url)
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(text))
      let answer = ''
      socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')))
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1')
        if (answer.includes('\r\n')) {
          resolve(answer)
          socket.destroy()
        }
      })
      socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)))
      socket.on('close', () => resolve(answer))
    })
  }
})
