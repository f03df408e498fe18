import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { encodeRequest } from '@isthmus/protocol'
import { apiVersions } from '@isthmus/protocol/apis'
import { silentLog } from '../broker-log.ts'
import type { BrokerContext } from '../context.ts'
import { Interceptors } from '../intercept.ts'
import { serveConnection } from './connection.ts'
import { endpoint } from './endpoint.ts'
import { anonymous } from './session.ts'

test('of what is held back when a connection closes, nothing is done', async () => {
  await using server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  const arrived = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  let answers = 0
  const counting = endpoint(apiVersions, () => {
    answers++
    return {}
  })
  const connection = serveConnection(socket, {
    broker: { log: silentLog } as BrokerContext,
    endpoints: new Map([[apiVersions.key, counting]]),
    interceptors: new Interceptors(),
    maxRequestBytes: 1000,
    session: anonymous,
    gate() {
      arrived.resolve()
      return held.promise
    },
  })
  for (const part of encodeRequest(apiVersions, 3, 1, 'test', {})) client.write(part)
  await arrived.promise
  connection.close()
  held.resolve()
  client.resume()
  await once(client, 'close')
  assert.equal(answers, 0)
})
