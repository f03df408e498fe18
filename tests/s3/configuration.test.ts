import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openFaultProxy, openS3Server, s3ServerIsAbsent } from '@isthmus/connector-s3/testing'
import { eventually } from '../process/eventually.ts'
import { openRestWorker } from '../rest/worker.ts'

type Props = { readonly [name: string]: string }

const SINK = 'com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector'
const SOURCE = 'com.instaclustr.kafka.connect.s3.source.AwsStorageSourceConnector'
const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
const SECRET = 'wr0ng-s3cr3t'

const skip = await s3ServerIsAbsent('versitygw')
const server = skip === false ? await openS3Server('versitygw') : null
after(() => server?.[Symbol.asyncDispose]())

async function openWorker() {
  const worker = await openRestWorker({ 'key.converter': bytes, 'value.converter': bytes })
  const told: string[] = []
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${worker.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    told.push(text)
    return { status: answer.status, text }
  }
  await ask('PUT', '/admin/loggers/root', { level: 'TRACE' })
  return { ask, told, lines: worker.lines, [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose]() }
}

interface Infos {
  readonly configs: readonly {
    readonly value: { readonly name: string; readonly errors: readonly string[] }
  }[]
}
const errorsOf = (text: string): { readonly [name: string]: readonly string[] } =>
  Object.fromEntries(
    (JSON.parse(text) as Infos).configs
      .filter(({ value }) => value.errors.length > 0)
      .map(({ value }) => [value.name, value.errors]),
  )

test('a worker says which property of a backup or restore is wrong, and starts neither', {
  skip,
}, async () => {
  await using worker = await openWorker()
  const good = await server!.bucket()
  const wrong: readonly [Props, string][] = [
    [{ 'aws.s3.bucket': 'none-of-these' }, 'aws.s3.bucket'],
    [{ 'aws.accessKeyId': 'NOBODY' }, 'aws.accessKeyId'],
    [{ 'aws.secretKey': SECRET }, 'aws.secretKey'],
    [{ 'aws.region': 'eu-west-1' }, 'aws.region'],
    [{ 's3.endpoint': 'http://127.0.0.1:1' }, 's3.endpoint'],
    [{ 'value.converter': 'org.apache.kafka.connect.json.JsonConverter' }, 'value.converter'],
  ]
  for (const connector of [SINK, SOURCE]) {
    const props = { name: 'c', 'connector.class': connector, topics: 't', ...good }
    const path = `/connector-plugins/${connector}/config/validate`
    const fine = await worker.ask('PUT', path, props)
    assert.deepEqual(errorsOf(fine.text), {})
    for (const [change, field] of wrong) {
      const { status, text } = await worker.ask('PUT', path, { ...props, ...change })
      assert.equal(status, 200)
      assert.deepEqual(Object.keys(errorsOf(text)), [field])
    }
    const refused = await worker.ask('POST', '/connectors', {
      name: 'c',
      config: { ...props, 'aws.secretKey': SECRET },
    })
    assert.equal(refused.status, 400)
    assert.match(refused.text, /SignatureDoesNotMatch.*Set aws.secretKey/)
  }
  assert.equal((await worker.ask('GET', '/connectors')).text, '[]')
  for (const text of [...worker.told, ...worker.lines]) assert.ok(!text.includes(SECRET), text)
})

test('a restore whose access is withdrawn fails with what to do, and without the secret', {
  skip,
}, async () => {
  await using proxy = await openFaultProxy(server!.endpoint)
  await using worker = await openWorker()
  const props = { ...(await server!.bucket()), 's3.endpoint': proxy.endpoint }
  // the check of the configuration lists once
  const config = { 'connector.class': SOURCE, 'tasks.max': '1', ...props }
  const checked = proxy.next('ListObjects')
  const created = worker.ask('POST', '/connectors', { name: 'restore', config })
  await checked
  proxy.fail('ListObjects', { answer: 403, code: 'AccessDenied', message: 'no longer' }, 100)
  assert.match((await created).text, /AccessDenied: no longer/)
  const trace = await eventually('the connector has failed', async () => {
    const { text } = await worker.ask('GET', '/connectors/restore/status')
    const { connector } = JSON.parse(text) as { connector: { state: string; trace?: string } }
    return connector.state === 'FAILED' && connector.trace
  })
  assert.match(trace, /could not be listed: AccessDenied: no longer .*s3:ListBucket.*\[aws.accessKeyId\]/)
  for (const text of [...worker.told, ...worker.lines]) assert.ok(!text.includes(server!.secretKey), text)
})
