import assert from 'node:assert/strict'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { describe, test } from 'node:test'
import { freePorts } from '../process/ports.ts'
import { openRestAlone } from './server.ts'

const statusAt = async (url: string): Promise<number> => (await fetch(url)).status

describe('listeners', () => {
  test('several serve the same, also IPv6; port 0 takes a free one', async () => {
    const [port = 0] = await freePorts(1)
    await using rest = await openRestAlone({ listeners: `HTTP://127.0.0.1:0, http://[::1]:${port}` })
    assert.match(rest.url, /^http:\/\/127\.0\.0\.1:[1-9]\d*\/$/)
    assert.equal(rest.workerId, new URL(rest.url).host)
    assert.equal(await statusAt(rest.url), 503)
    assert.equal(await statusAt(`http://[::1]:${port}/`), 503)
    await using six = await openRestAlone({ listeners: 'http://[::1]:0' })
    assert.match(six.url, /^http:\/\/\[::1\]:\d+\/$/)
  })

  test('the worker calls itself what the properties say', async () => {
    const called = async (props: { readonly [name: string]: string }) => {
      await using rest = await openRestAlone({ listeners: 'http://127.0.0.1:0', ...props })
      return { url: rest.url, workerId: rest.workerId }
    }
    assert.deepEqual(
      await called({ 'rest.advertised.host.name': 'name.example', 'rest.advertised.port': '1234' }),
      { url: 'http://name.example:1234/', workerId: 'name.example:1234' },
    )
    assert.match((await called({ 'rest.advertised.host.name': '' })).url, /^http:\/\/127\.0\.0\.1:/)
    assert.match((await called({ 'rest.advertised.listener': 'HTTPS' })).url, /^https:\/\/127\.0\.0\.1:/)
    assert.deepEqual(await called({ 'rest.advertised.port': '80' }), {
      url: 'http://127.0.0.1/',
      workerId: '127.0.0.1:80',
    })
    const { address } = await lookup(hostname(), { order: 'ipv4first' })
    assert.equal(new URL((await called({ listeners: 'http://:0' })).url).hostname, address)
  })

  test('without listeners, what files for older Kafkas say counts', async () => {
    const [port = 0] = await freePorts(1)
    const asked = { 'rest.host.name': '127.0.0.1', 'rest.port': String(port) }
    {
      await using rest = await openRestAlone(asked)
      assert.equal(rest.url, `http://127.0.0.1:${port}/`)
    }
    await using six = await openRestAlone({ 'rest.host.name': '::1', 'rest.port': '0' })
    assert.match(six.url, /^http:\/\/\[::1\]:\d+\/$/)
    await using rest = await openRestAlone({ ...asked, listeners: 'http://localhost:0' })
    assert.match(rest.url, /^http:\/\/localhost:/)
    await assert.rejects(
      openRestAlone({ 'rest.port': 'x' }),
      /Invalid value x for configuration rest\.port: Not a number of type INT/,
    )
  })

  test('what is wrong ends the start, and no listener of several stays open', async () => {
    const rest = (listeners: string, more: object = {}) => openRestAlone({ listeners, ...more })
    const form = { message: /^Listener doesn't have the right format \(protocol:\/\/hostname:port\)\./ }
    await assert.rejects(rest('nonsense'), form)
    await assert.rejects(rest('http://127.0.0.1:0/'), form)
    await assert.rejects(rest('http://127.0.0.1:0', { 'admin.listeners': 'x' }), form)
    await assert.rejects(rest('ftp://x:1'), {
      message: 'Listener protocol must be either "http" or "https". It is ftp://x:1',
    })
    await assert.rejects(rest('http://127.0.0.1:99999'), /A port is between 0 and 65535/)
    await assert.rejects(rest(''), /at least one URL is expected/)
    await assert.rejects(rest('http://203.0.113.1:0'), /203\.0\.113\.1 is no address of this machine/)
    const [port = 0] = await freePorts(1)
    await using taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port: other } = taken.address() as { port: number }
    await assert.rejects(rest(`http://127.0.0.1:${port},http://127.0.0.1:${other}`), {
      message: `Unable to initialize REST server: 127.0.0.1:${other} is in use by another program. Stop it, or name another port in 'listeners'.`,
    })
    await assert.rejects(fetch(`http://127.0.0.1:${port}`))
    await assert.rejects(
      rest('http://127.0.0.1:0', { 'admin.listeners': `http://127.0.0.1:${other}` }),
      /is in use by another program/,
    )
  })
})
