import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { certificateFile as path } from '@isthmus/tls/testing'
import { openSend } from 'isthmus/testing'
import { eventually } from '../process/eventually.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { openGroup } from './cluster.ts'
import { running } from './plugins.ts'

test('workers of a group ask each other over HTTPS, with the certificates of their listeners', async () => {
  await using dir = await openTempDir()
  const pem = await Promise.all(['server.key', 'server.pem'].map((name) => readFile(path(name), 'utf8')))
  await writeFile(dir.at('server'), pem.join(''))
  const tls = {
    'listeners.https.ssl.keystore.type': 'PEM',
    'listeners.https.ssl.keystore.location': dir.at('server'),
    'listeners.https.ssl.truststore.type': 'PKCS12',
    'listeners.https.ssl.truststore.location': path('trust.p12'),
    'listeners.https.ssl.truststore.password': 'isthmus-test',
  }
  await using group = await openGroup(2, { listeners: 'https://127.0.0.1:0', ...tls })
  const send = openSend(tls)
  for (const [i, { url }] of group.members.entries()) {
    assert.match(url, /^https:/)
    const body = Buffer.from(JSON.stringify({ 'connector.class': 'test.PresentConnector' }))
    const { status } = await send(`${url}connectors/https-${i}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body,
    })
    assert.equal(status, 201)
  }
  // one of the two connectors runs beside the leader: its task configs were signed and sent
  await eventually('their tasks run', () => running.has('https-0-0') && running.has('https-1-0'))
  const stranger = openSend({})
  await assert.rejects(stranger(`${group.members[0]?.url}connectors`, { method: 'GET', headers: {} }), {
    code: /CERT|SELF_SIGNED|ISSUER/,
  })
})
