import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { parseConfig } from '@isthmus/sdk'
import { storeConfig } from '../config/store.ts'
import { openFaultProxy } from '../testing/fault-proxy.ts'
import { s3ServerIsAbsent } from '../testing/server/fetch.ts'
import { openS3Server } from '../testing/server/server.ts'
import { openBucketClient } from './client.ts'

const skip = await s3ServerIsAbsent('versitygw')
const server = skip === false ? await openS3Server('versitygw') : null
after(() => server?.[Symbol.asyncDispose]())

test('an upload goes piece by piece, each when the server has taken those before', { skip }, async () => {
  await using proxy = await openFaultProxy(server!.endpoint)
  const props = { ...(await server!.bucket()), 's3.endpoint': proxy.endpoint }
  await using client = await openBucketClient(parseConfig(storeConfig, props))
  const body = Buffer.alloc(5 * 1024 * 1024, 'isthmus')
  let pieces = 0
  const sending = (): void => void pieces++
  await client.put('a', body, false, new AbortController().signal, sending)
  assert.equal(pieces, 40)
  await client.put('a', body, true, new AbortController().signal, sending)
  assert.equal(pieces, 80)
  const answer = await client.get('a', 0, new AbortController().signal)
  assert.deepEqual(Buffer.concat((await answer?.body?.toArray()) ?? []), body)

  pieces = 0
  proxy.fail('PutObject', { silent: true })
  const stop = new AbortController()
  const asked = proxy.next('PutObject')
  const silent = client.put('b', Buffer.alloc(64 * 1024 * 1024), false, stop.signal, sending)
  await asked
  stop.abort()
  await assert.rejects(silent, { name: 'AbortError' })
  assert.ok(pieces > 0 && pieces < 512, `${pieces} of 512 pieces were sent`)
})
