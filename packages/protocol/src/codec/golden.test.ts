import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { apisByKey } from '../apis/index.ts'
import { ByteReader } from './bytes.ts'
import { decodeRequest, decodeRequestHeader, decodeResponse, encodeRequest, encodeResponse } from './codec.ts'
import { type Api, type Field, type Fields, NO_UUID } from './fields.ts'

/** A frame without its length, as Kafka's own class wrote it, and what that class says is in it. */
interface Golden {
  key: number
  name: string
  type: 'request' | 'response'
  version: number
  /** All fields set; nullable fields null; or a new object, with whatever defaults it has. */
  fill: 'full' | 'null' | 'default'
  frame: string
  body: { [name: string]: unknown }
}
const golden: Golden[] = gunzipSync(readFileSync(new URL('../golden/messages.jsonl.gz', import.meta.url)))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
const apis: readonly Api[] = [...apisByKey.values()]
const title = (g: Golden) => `${g.name} ${g.type} ${g.version}, ${g.fill}`

function decoded(api: Api, { type, version }: Golden, frame: Buffer): { [name: string]: unknown } {
  if (type === 'response') return decodeResponse(api, version, frame)
  const reader = new ByteReader(frame)
  assert.deepEqual(decodeRequestHeader(reader), {
    key: api.key,
    version,
    correlationId: 77,
    clientId: 'client-ü',
  })
  const body = decodeRequest(api, version, reader)
  assert.equal(reader.remaining, 0)
  return body
}
function encoded(api: Api, { type, version }: Golden, body: object): Buffer {
  const [length, ...frame] =
    type === 'response'
      ? encodeResponse(api, version, 77, body)
      : encodeRequest(api, version, 77, 'client-ü', body)
  const whole = Buffer.concat(frame)
  assert.equal(length!.readInt32BE(), whole.length)
  return whole
}

/** Java's JSON in our terms; what it leaves out has its default. */
function expected(
  fields: Fields,
  json: { [name: string]: unknown } | undefined,
): { [name: string]: unknown } {
  const value: { [name: string]: unknown } = {}
  for (const [name, field] of Object.entries(fields))
    value[name] = json && name in json ? decodedOf(field, json[name]) : unsetOf(field)
  return value
}
function decodedOf(field: Field, json: unknown): unknown {
  if (json === null) return null
  switch (field.type) {
    case 'struct':
      return expected(field.fields!, json as { [name: string]: unknown })
    case 'array':
      return (json as unknown[]).map((item) => decodedOf(field.element!, item))
    case 'bytes':
      return Buffer.from(json as string, 'base64')
    case 'uuid':
      return Buffer.from(json as string, 'base64url').toString('hex')
    default:
      return json
  }
}
function unsetOf(field: Field): unknown {
  if (field.default !== undefined) return field.default
  if (field.type === 'struct') return expected(field.fields!, undefined)
  if (field.type === 'array') return []
  if (field.type === 'bytes') return Buffer.alloc(0)
  return { bool: false, string: '', uuid: NO_UUID }[field.type as string] ?? 0
}

test('every API and version of the tables is one that Kafka has, with bytes to prove it', () => {
  for (const api of apis)
    for (let version = api.versions[0]; version <= api.versions[1]; version++)
      for (const type of ['request', 'response'])
        for (const fill of ['full', 'null', 'default'])
          assert.ok(
            golden.some(
              (g) => g.key === api.key && g.version === version && g.type === type && g.fill === fill,
            ),
            `${api.name} ${type} ${version} ${fill}`,
          )
})

for (const api of apis)
  test(`${api.name} is read and written as by Kafka's own classes`, () => {
    for (const g of golden) {
      if (g.key !== api.key || g.version < api.versions[0] || g.version > api.versions[1]) continue
      assert.equal(g.name, api.name)
      const frame = Buffer.from(g.frame, 'hex')
      const body = decoded(api, g, frame)
      // deepEqual of what Java reads, in the order of our own table
      assert.deepEqual(body, expected(g.type === 'request' ? api.request : api.response, g.body), title(g))
      assert.equal(encoded(api, g, body).toString('hex'), g.frame, title(g))
      if (g.fill === 'default')
        assert.equal(encoded(api, g, {}).toString('hex'), g.frame, `{} for ${title(g)}`)
    }
  })
