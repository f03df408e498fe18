import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { apisByKey, describeCluster, fetch, joinGroup, metadata, produce } from '../apis/index.ts'
import { ByteReader, ByteWriter, MalformedError } from './bytes.ts'
import {
  decode,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  encode,
  encodeRequest,
  encodeResponse,
} from './codec.ts'
import { type Api, array, type Field, type Fields, int32, string, struct } from './fields.ts'

const apis: readonly Api[] = [...apisByKey.values()]
type Data = { [name: string]: unknown }

/** Any value of a field; `undefined` where the version has no such field, so that the default comes back. */
function anyMessage(fields: Fields, version: number): fc.Arbitrary<Data> {
  const present = Object.entries(fields).filter(
    ([, f]) => version >= (f.from ?? 0) && version <= (f.to ?? Infinity),
  )
  return fc.record(Object.fromEntries(present.map(([name, field]) => [name, anyValue(field, version)])))
}
function anyValue(field: Field, version: number): fc.Arbitrary<unknown> {
  const value = anyPresent(field, version)
  return version >= (field.nullable ?? Infinity) ? fc.option(value, { freq: 4 }) : value
}
function anyPresent(field: Field, version: number): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'bool':
      return fc.boolean()
    case 'int8':
      return fc.integer({ min: -128, max: 127 })
    case 'int16':
      return fc.integer({ min: -32768, max: 32767 })
    case 'uint16':
      return fc.integer({ min: 0, max: 65535 })
    case 'int32':
      return fc.integer()
    case 'uint32':
      return fc.integer({ min: 0, max: 2 ** 32 - 1 })
    case 'int64':
      return fc.maxSafeInteger()
    case 'float64':
      return fc.double()
    case 'uuid':
      return fc.stringMatching(/^[0-9a-f]{32}$/)
    case 'string':
      return fc.string({ unit: 'binary', maxLength: 20 })
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes))
    case 'array':
      return fc.array(anyValue(field.element!, version), { maxLength: 3 })
    case 'struct':
      return anyMessage(field.fields!, version)
  }
}
/** `subset` as far as it says anything. */
function assertHolds(actual: unknown, subset: unknown, at: string): void {
  if (Array.isArray(subset)) {
    assert.equal((actual as unknown[]).length, subset.length, at)
    subset.forEach((item, i) => {
      assertHolds((actual as unknown[])[i], item, `${at}[${i}]`)
    })
  } else if (subset !== null && typeof subset === 'object' && !Buffer.isBuffer(subset)) {
    for (const [name, value] of Object.entries(subset))
      assertHolds((actual as Data)[name], value, `${at}.${name}`)
  } else assert.deepEqual(actual, subset, at)
}
function framed(parts: Buffer[]): Buffer {
  return Buffer.concat(parts.slice(1))
}
function readRequest(api: Api, version: number, frame: Buffer): Data {
  const reader = new ByteReader(frame)
  decodeRequestHeader(reader)
  return decodeRequest(api, version, reader)
}

for (const api of apis)
  test(`${api.name}: any message of any version comes back as it was`, () => {
    const versions = fc.integer({ min: api.versions[0], max: api.versions[1] })
    const cases = versions.chain((version) =>
      fc.tuple(fc.constant(version), anyMessage(api.request, version), anyMessage(api.response, version)),
    )
    fc.assert(
      fc.property(cases, ([version, request, response]) => {
        const sent = framed(encodeRequest(api, version, 1, null, request))
        assertHolds(readRequest(api, version, sent), request, 'request')
        const answer = framed(encodeResponse(api, version, 1, response))
        assertHolds(decodeResponse(api, version, answer), response, 'response')
      }),
      { numRuns: 20 },
    )
  })

/** The outcome of reading hostile bytes: a message, or the one error there is for them. */
function attempt(read: () => unknown): 'read' | 'refused' {
  try {
    read()
    return 'read'
  } catch (error) {
    if (error instanceof MalformedError) return 'refused'
    throw error
  }
}

for (const api of apis)
  test(`${api.name}: cut, flipped and random bytes are refused as malformed or read, nothing else`, () => {
    const newest = api.versions[1]
    for (const version of new Set([api.versions[0], newest]))
      fc.assert(
        fc.property(
          anyMessage(api.request, version),
          anyMessage(api.response, version),
          fc.nat(),
          (q, s, seed) => {
            const request = framed(encodeRequest(api, version, 1, 'id', q))
            const response = framed(encodeResponse(api, version, 1, s))
            const cut = (frame: Buffer) => frame.subarray(0, seed % frame.length)
            assert.equal(
              attempt(() => readRequest(api, version, cut(request))),
              'refused',
            )
            assert.equal(
              attempt(() => decodeResponse(api, version, cut(response))),
              'refused',
            )
            for (const frame of [request, response]) {
              const at = seed % frame.length
              frame[at] = (frame[at] as number) ^ (1 << (seed % 8))
            }
            attempt(() => readRequest(api, version, request))
            attempt(() => decodeResponse(api, version, response))
          },
        ),
        { numRuns: 12 },
      )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        attempt(() => readRequest(api, newest, Buffer.from(bytes)))
        attempt(() => decodeResponse(api, newest, Buffer.from(bytes)))
      }),
      { numRuns: 30 },
    )
  })

/** A response frame: correlation id 0, then `bytes`. */
const response = (...bytes: number[]) => Buffer.from([0, 0, 0, 0, ...bytes])

test('lengths that no frame can hold are refused before anything is made for them', () => {
  // Metadata 0 begins with its brokers, a plain array: of 2^31 - 1 elements
  assert.throws(() => decodeResponse(metadata, 0, response(0x7f, 0xff, 0xff, 0xff)), MalformedError)
  for (const greatest of [
    [0xff, 0xff, 0xff, 0xff, 0x0f], // 2^32 - 1
    [0xff, 0xff, 0xff, 0xff, 0x7f], // more than 32 bits
    [0xff, 0xff, 0xff, 0xff, 0xff, 0x01], // longer than any
  ]) {
    // Produce 9 begins with a tag section, then its responses, a compact array
    assert.throws(() => decodeResponse(produce, 9, response(0, ...greatest)), MalformedError)
    assert.throws(() => decodeResponse(produce, 9, response(...greatest)), MalformedError)
    assert.throws(() => decodeResponse(produce, 9, response(1, 0, ...greatest)), MalformedError)
  }
})

test('null where a version requires a value is refused, both ways', () => {
  assert.throws(() => encodeRequest(joinGroup, 5, 1, null, { groupId: null as never }), TypeError)
  const reader = new ByteReader(Buffer.from([0xff, 0xff]))
  assert.throws(() => decodeRequest(joinGroup, 0, reader), MalformedError)
})

test('ApiVersions is answered with the old header in every version, so that any client reads a refusal', () => {
  const apiVersions = apisByKey.get(18)!
  const frame = framed(encodeResponse(apiVersions, 3, 7, { errorCode: 35 }))
  assert.equal(frame.readInt16BE(4), 35)
})

test('a tag that the table does not know is passed over', () => {
  const frame = framed(encodeResponse(describeCluster, 1, 1, { clusterId: 'it', controllerId: 4 }))
  const end = frame.length - 1
  assert.equal(frame[end], 0)
  const extended = Buffer.concat([frame.subarray(0, end), Buffer.from([1, 99, 3, 1, 2, 3])])
  assert.deepEqual(decodeResponse(describeCluster, 1, extended), decodeResponse(describeCluster, 1, frame))
})

test('an explicit default in a tagged field costs no bytes', () => {
  const [silent, spoken] = [{}, { nodeEndpoints: [] }].map((body) =>
    framed(encodeResponse(fetch, 16, 1, body)),
  )
  assert.deepEqual(spoken, silent)
})

test('messages that are not an API’s are encoded too; newer writers may append', () => {
  const fields = {
    name: string(),
    parts: array({ id: int32() }),
    more: struct({ size: int32({ default: -1 }) }, { from: 1 }),
  }
  const bytes = encode(fields, 1, { name: 'ä', parts: [{ id: 1 }, { id: -2 }] })
  assert.deepEqual(decode(fields, 1, Buffer.concat([bytes, Buffer.from('new')])), {
    name: 'ä',
    parts: [{ id: 1 }, { id: -2 }],
    more: { size: -1 },
  })
})

test('big byte strings go into a frame as they are, small ones are copied', () => {
  const big = Buffer.alloc(5000, 1)
  const parts = encodeRequest(produce, 9, 1, null, {
    topicData: [{ name: 't', partitionData: [{ records: big }, { records: Buffer.alloc(10, 2) }] }],
  })
  assert.equal(parts.filter((part) => part.buffer === big.buffer).length, 1)
  const body = readRequest(produce, 9, framed(parts)) as ReturnType<typeof decodeRequest<typeof produce>>
  assert.deepEqual(
    body.topicData[0]!.partitionData.map((p) => p.records!.length),
    [5000, 10],
  )
})

test('numbers beyond 2^53 keep Java’s greatest value exact, and others near', () => {
  const writer = new ByteWriter()
  for (const n of [2 ** 63, -(2 ** 63), 2 ** 53, -(2 ** 53) - 2, -1]) writer.int64(n)
  const frame = Buffer.concat(writer.finish())
  assert.equal(frame.readBigInt64BE(0), 2n ** 63n - 1n)
  const reader = new ByteReader(frame)
  for (const n of [2 ** 63, -(2 ** 63), 2 ** 53, -(2 ** 53) - 2, -1]) assert.equal(reader.int64(), n)
})
