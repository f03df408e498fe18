import { after } from 'node:test'
import { type Converter, type ConverterPlugin, dataError, type HeaderConverter, schema } from '@isthmus/sdk'
import { type Contract, converterContract, headerConverterContract } from '../index.ts'
import { closeLeaks, FAULT_PATIENCE_MS, finds, leak, onlyOnce } from '../testing/planted.ts'

after(closeLeaks)

/** Texts after a `t`, so that there are bytes that nobody has written. */
const sound: Converter & HeaderConverter = {
  fromConnectData: (_topic, _schema, value) => written(value),
  toConnectData: (_topic, bytes) => ({ schema: null, value: bytes && read(bytes) }),
  fromConnectHeader: (_topic, _key, _schema, value) => written(value),
  toConnectHeader: (_topic, _key, bytes) => ({ schema: null, value: bytes && read(bytes) }),
}
function written(value: unknown): Uint8Array | null {
  if (value === null) return null
  if (typeof value !== 'string') throw dataError('no text')
  return Buffer.from(`t${value}`)
}
function read(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString()
  if (!text.startsWith('t')) throw dataError('no text')
  return text.slice(1)
}

const pluginOf = (change: () => Partial<Converter & HeaderConverter>): ConverterPlugin => ({
  type: 'converter',
  class: 'test.Texts',
  version: null,
  config: {},
  open: () => ({ ...sound, ...change() }),
  openHeader: () => ({ ...sound, ...change() }),
})
const samples = [
  { schema: null, value: 'one' },
  { schema: schema.string(), value: 'zwei ✓' },
]
const garbage = [Buffer.from('x')]

const played = (change: () => Partial<Converter>, patienceMs = FAULT_PATIENCE_MS): Contract =>
  converterContract({
    plugin: pluginOf(change),
    samples,
    garbage,
    unwritable: [{ schema: null, value: 7 }],
    patienceMs,
  })
const playedHeader = (change: () => Partial<HeaderConverter>, patienceMs = FAULT_PATIENCE_MS): Contract =>
  headerConverterContract({ plugin: pluginOf(change), samples, garbage, patienceMs })

let bytesOfAll = Buffer.alloc(0)

finds(
  'the contract of converters',
  played(() => ({}), 10_000),
  {
    'no data without a schema is a tombstone, both ways': played(() => ({
      fromConnectData: (topic, from, value, headers) =>
        value === null ? 'null' : sound.fromConnectData(topic, from, value, headers),
    })),
    'data that was written is read back': played(() => ({ fromConnectData: () => 't' })),
    'what another instance has written is read, while both are open': played(() => {
      const own = new Map<string, string>()
      return {
        fromConnectData(_topic, _schema, value) {
          const id = String(own.size)
          own.set(id, String(value))
          return id
        },
        toConnectData: (_topic, bytes) => ({ schema: null, value: own.get(String(bytes)) ?? null }),
      }
    }),
    'data stays as it was read when the batch around its bytes is used again': played(() => ({
      fromConnectData: (_topic, _schema, value) => Buffer.from(String(value)),
      toConnectData: (_topic, bytes) => ({ schema: null, value: bytes }),
    })),
    'bytes stay as they were written when more is written, before they are sent': played(() => ({
      fromConnectData(_topic, _schema, value) {
        if (bytesOfAll.length === 0) bytesOfAll = Buffer.alloc(100)
        return bytesOfAll.subarray(0, bytesOfAll.write(`t${value}`))
      },
    })),
    'bytes that make no sense are bad data, so that errors.tolerance applies': played(() => ({
      toConnectData() {
        throw new TypeError('no text')
      },
    })),
    'data that cannot be written is bad data, so that errors.tolerance applies': played(() => ({
      fromConnectData: (_topic, _schema, value) => `t${value}`,
    })),
    'disposing twice is as good as once, also when its task has been cancelled': played(() => ({
      [Symbol.asyncDispose]: onlyOnce(),
    })),
    'what has been disposed of leaves nothing behind': played(() => {
      leak()
      return {}
    }),
  },
)

finds(
  'the contract of header converters',
  playedHeader(() => ({}), 10_000),
  {
    'a header without a value keeps none, both ways': playedHeader(() => ({
      fromConnectHeader: (_topic, _key, _schema, value) => `t${value}`,
    })),
    'a value that was written is read back, also when the batch around its bytes is used again': playedHeader(
      () => ({
        toConnectHeader: (_topic, _key, bytes) => ({ schema: null, value: bytes }),
      }),
    ),
    'bytes that make no sense are bad data, so that errors.tolerance applies': playedHeader(() => ({
      toConnectHeader: () => ({ schema: null, value: null }),
    })),
    'disposing twice is as good as once, also when its task has been cancelled': playedHeader(() => ({
      [Symbol.asyncDispose]: onlyOnce(),
    })),
    'what has been disposed of leaves nothing behind': playedHeader(() => {
      leak()
      return {}
    }),
  },
)
