import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { type Broker, openBroker } from '@isthmus/broker'
import { openClient } from '@isthmus/client'
import { freePorts } from '../process/ports.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'
import { openRestWorker } from './worker.ts'

describe('what guards the REST API', () => {
  let dir: TempDir
  let broker: Broker
  before(async () => {
    dir = await openTempDir()
    broker = await openBroker({ dataDir: dir.at('broker') })
  })
  after(async () => {
    await broker[Symbol.asyncDispose]()
    await dir[Symbol.asyncDispose]()
  })
  const open = (props: { readonly [name: string]: string }, env: NodeJS.ProcessEnv = {}) =>
    openRestWorker({ 'bootstrap.servers': broker.bootstrapServers, ...props }, {}, { env })

  test('headers that are configured are sent with every answer', async () => {
    await using worker = await open({
      'response.http.headers.config':
        'add X-One: 1, "set Cache-Control: no-cache, no-store", addDate X-Date: 3600000, set X-Two:2',
    })
    for (const path of ['/', '/nowhere']) {
      const { headers } = await fetch(worker.url + path)
      assert.equal(headers.get('x-one'), '1')
      assert.equal(headers.get('x-two'), '2')
      assert.equal(headers.get('cache-control'), 'no-cache, no-store')
      const inAnHour = Date.parse(headers.get('x-date') ?? '') - Date.now()
      assert.ok(inAnHour > 3_500_000 && inAnHour < 3_601_000, String(headers.get('x-date')))
    }
    await assert.rejects(open({ 'response.http.headers.config': 'put X: 1' }), {
      message: "Invalid header config action: 'put'. Expected one of [set, add, setDate, addDate]",
    })
  })

  test('only origins that are allowed may read answers', async () => {
    await using worker = await open({
      'access.control.allow.origin': 'https://*.example.com, http://a.local:3000,https://.*\\.example\\.net',
      'access.control.allow.methods': 'GET,PUT',
    })
    const answerTo = async (origin: string, init: RequestInit = {}) =>
      (await fetch(worker.url, { ...init, headers: { origin, 'access-control-request-method': 'PUT' } }))
        .headers
    assert.equal(
      (await answerTo('https://a.example.com')).get('access-control-allow-origin'),
      'https://a.example.com',
    )
    assert.equal((await answerTo('https://example.org')).get('access-control-allow-origin'), null)
    assert.equal((await answerTo('https://a.example.com.evil.org')).get('access-control-allow-origin'), null)
    for (const origin of ['http://a.local:3000', 'HTTPS://x.example.net'])
      assert.equal((await answerTo(origin)).get('access-control-allow-origin'), origin)
    for (const origin of ['http://aXlocal:3000', 'https://x.exampleXnet', 'https://x.example.net.evil.org'])
      assert.equal((await answerTo(origin)).get('access-control-allow-origin'), null, origin)
    {
      await using tired = await open({ 'access.control.allow.origin': 'https://((a+)+)+\\.example\\.net' })
      for (const [origin, expected] of [
        [`https://${'a'.repeat(40)}.example.net`, `https://${'a'.repeat(40)}.example.net`],
        [`https://${'a'.repeat(40)}!`, null],
        [`https://${'a'.repeat(9000)}.example.net`, null],
      ] as const) {
        const { headers } = await fetch(tired.url, { headers: { origin } })
        assert.equal(headers.get('access-control-allow-origin'), expected)
      }
    }
    await assert.rejects(open({ 'access.control.allow.origin': '(' }), {
      message: /^Invalid value \( for configuration access\.control\.allow\.origin: /,
    })
    const preflight = await answerTo('https://a.example.com', { method: 'OPTIONS' })
    assert.equal(preflight.get('access-control-allow-methods'), 'GET,PUT')
    assert.equal(preflight.get('access-control-allow-headers'), 'Content-Type')
    assert.equal(preflight.get('access-control-max-age'), '60')
    assert.equal(preflight.get('vary'), 'Origin')
  })

  test("basic authentication by Java's extension, JAAS file and password file", async () => {
    await writeFile(dir.at('users'), 'ann=secret:1\nbob=\n')
    await writeFile(
      dir.at('jaas.conf'),
      `KafkaConnect {\n  org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required\n  file="${dir.at('users')}";\n};\n`,
    )
    const extension = {
      'rest.extension.classes':
        'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
    }
    const env = { KAFKA_OPTS: `-Xmx1g -Djava.security.auth.login.config=${dir.at('jaas.conf')}` }
    await using worker = await open(extension, env)
    const refused = await fetch(`${worker.url}/connectors`)
    assert.deepEqual([refused.status, await refused.text()], [401, 'User cannot access the resource.'])
    const as = (username: string, password: string) => openClient({ url: worker.url, username, password })
    assert.deepEqual(await as('ann', 'secret:1').connectors(), [])
    for (const [user, password] of [
      ['ann', 'secret'],
      ['eve', ''],
      ['', ''],
    ] as const)
      await assert.rejects(as(user, password).connectors(), { status: 401 })
    assert.equal((await fetch(`${worker.url}/connectors/x/fence`, { method: 'PUT' })).status, 403)
    assert.equal((await fetch(`${worker.url}/connectors/x/fence`)).status, 401)
    assert.equal((await fetch(`${worker.url}/health`)).status, 401)
    await using forAll = await open({ ...extension, 'rest.health.without.password': 'true' }, env)
    const statuses = ['/health', '/health/', '/health/x', '/', '/connectors'].map(
      async (path) => (await fetch(forAll.url + path)).status,
    )
    assert.deepEqual(await Promise.all(statuses), [200, 200, 401, 401, 401])
    await assert.rejects(open(extension), /KAFKA_OPTS=-Djava\.security\.auth\.login\.config/)
  })

  test('admin endpoints may have listeners of their own, or none', async () => {
    const [port = 0] = await freePorts(1)
    await using apart = await open({ 'admin.listeners': `http://127.0.0.1:${port}` })
    assert.equal((await fetch(`${apart.url}/admin/loggers`)).status, 404)
    assert.equal((await fetch(`http://127.0.0.1:${port}/admin/loggers`)).status, 200)
    assert.equal((await fetch(`http://127.0.0.1:${port}/connectors`)).status, 404)
    await using none = await open({ 'admin.listeners': '' })
    assert.equal((await fetch(`${none.url}/admin/loggers`)).status, 404)
  })
})
