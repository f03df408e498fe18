import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSimulator, type Simulator } from '../simulator.ts'
import { envelope, exchanges } from '../wire/messages.ts'

const binary = 'application/octet-stream'
const exchange = exchanges.get('/has/schema')!
const request = { schema_name: 'ki_home', options: {} }
const answer = { schema_name: 'ki_home', schema_exists: true, info: {} }

const post = (simulator: Simulator, body: string | Buffer, headers = {}, path = '/has/schema') =>
  fetch(`${simulator.url}${path}`, { method: 'POST', body, headers, signal: AbortSignal.timeout(10_000) })

const bodyOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer())

test('a request in JSON is answered in JSON', async () => {
  await using simulator = await openSimulator()
  const response = await post(simulator, JSON.stringify(request), { 'content-type': 'application/json' })
  assert.equal(response.headers.get('content-type'), 'application/json')
  assert.match(response.headers.get('x-request-time-secs') ?? '', /^\d+\.\d{6}$/)
  const { data_str, ...rest } = (await response.json()) as { readonly data_str: string }
  assert.deepEqual(rest, { status: 'OK', message: '', data_type: 'has_schema_response', data: '' })
  assert.deepEqual(JSON.parse(data_str), answer)
})

test("a request in Avro's binary is answered in it, an ERROR too", async () => {
  await using simulator = await openSimulator()
  const ask = async (body: Buffer) =>
    envelope.fromBuffer(await bodyOf(await post(simulator, body, { 'content-type': binary })))
  const good = await ask(exchange.request.toBuffer(request))
  assert.deepEqual([good.status, good.data_type, good.data_str], ['OK', 'has_schema_response', ''])
  assert.deepEqual({ ...exchange.response.fromBuffer(good.data) }, answer)
  const bad = await ask(Buffer.from('no Avro'))
  assert.deepEqual([bad.status, bad.data_type, bad.data.length], ['ERROR', 'none', 0])
  assert.match(bad.message, /Invalid Avro of has_schema_request/)
})

test('the answer has the encoding that is accepted, whatever that of the request', async () => {
  await using simulator = await openSimulator()
  const inBinary = await post(simulator, JSON.stringify(request), { accept: binary })
  assert.equal(envelope.fromBuffer(await bodyOf(inBinary)).status, 'OK')
  const body = exchange.request.toBuffer(request)
  const inJson = await post(simulator, body, { 'content-type': binary, accept: 'application/json' })
  assert.equal(((await inJson.json()) as { readonly status: string }).status, 'OK')
})

test('what cannot be answered is an ERROR that says why', async () => {
  await using simulator = await openSimulator()
  const messageOf = async (response: Response): Promise<unknown> => {
    const { status, message } = (await response.json()) as {
      readonly status: string
      readonly message: string
    }
    return [response.status, status, message]
  }
  const unsupported = await post(simulator, '{}', {}, '/execute/sql')
  assert.deepEqual(await messageOf(unsupported), [400, 'ERROR', "Endpoint '/execute/sql' is not supported"])
  const snappy = await post(simulator, '', { 'content-type': 'application/x-snappy' })
  assert.deepEqual(await messageOf(snappy), [
    400,
    'ERROR',
    'Content type application/x-snappy is not supported (U/Uc:303)',
  ])
  for (const [body, message] of [
    ['{', /^Body is no JSON/],
    ['5', /^Body is no JSON object/],
    ['{}', /^Field 'schema_name' is missing/],
    ['{"schema_name": 5, "options": {}}', /^Invalid JSON of has_schema_request/],
  ] as const) {
    const [, , said] = (await messageOf(await post(simulator, body))) as string[]
    assert.match(said ?? '', message)
  }
  const got = await fetch(`${simulator.url}/has/schema`)
  assert.equal(got.status, 405)
})

test('an answer may be a bare HTTP status, late, or never come', async () => {
  await using simulator = await openSimulator()
  simulator.faults.inject({ action: { kind: 'status', status: 503 } })
  assert.equal((await post(simulator, JSON.stringify(request))).status, 503)
  simulator.faults.inject({ endpoint: '/has/table', action: { kind: 'cut' } })
  simulator.faults.inject({ action: { kind: 'delay', ms: 20 } })
  assert.equal(
    (await post(simulator, JSON.stringify(request))).status,
    200,
    'a fault of another endpoint waits',
  )
  simulator.faults.clear()
  simulator.faults.inject({ action: { kind: 'hang' } })
  const hanging = post(simulator, JSON.stringify(request))
  await simulator.requests.reached('/has/schema', 3)
  assert.deepEqual([...simulator.requests.counts()], [['/has/schema', 3]])
  await Promise.all([assert.rejects(hanging), simulator.stop()])
})
