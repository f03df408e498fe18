import { describe, it } from 'node:test'
import { type ConverterPlugin, decimal, type Props, schema } from '@isthmus/sdk'
import { typedNumber } from '@isthmus/sdk/data'
import { type ConverterCase, converterContract, headerConverterContract } from '@isthmus/testkit'
import {
  BooleanConverter,
  ByteArrayConverter,
  DoubleConverter,
  FloatConverter,
  IntegerConverter,
  JsonConverter,
  LongConverter,
  ShortConverter,
  SimpleHeaderConverter,
  StringConverter,
} from './index.ts'

function holds(plugin: ConverterPlugin, contract: Omit<ConverterCase, 'plugin'>, props: Props = {}): void {
  const name = [plugin.class.replace(/.*\./, ''), ...Object.entries(props).map(String)].join(' ')
  describe(name, () => {
    for (const { name, run } of converterContract({ plugin, props, ...contract })) it(name, run)
  })
  describe(`${name}, of headers`, () => {
    for (const { name, run } of headerConverterContract({ plugin, props, ...contract })) it(name, run)
  })
}

const order = schema.struct({
  id: schema.int64(),
  price: schema.decimal(2),
  at: schema.timestamp(),
  day: schema.date({ optional: true }),
  tags: schema.array(schema.string()),
  counts: schema.map(schema.string(), schema.int32()),
  byNumber: schema.map(schema.int32(), schema.float32()),
  raw: schema.bytes(),
  inner: schema.struct({ ok: schema.boolean(), ratio: schema.float64() }, { optional: true }),
})
const filled = {
  id: 2n ** 62n,
  price: decimal(-1999n, 2),
  at: new Date(1_566_570_894_346),
  day: null,
  tags: ['a', '日本', '😀', '"\\\u0001'],
  counts: new Map([['k', -1]]),
  byNumber: new Map([[7, 0.5]]),
  raw: Uint8Array.of(0, 255),
  inner: { ok: true, ratio: Number.NEGATIVE_INFINITY },
}
const truncated = [Buffer.from('{"schema":'), Buffer.from('"'), Uint8Array.of(0x22, 0xff, 0x22)]

holds(JsonConverter, {
  samples: [
    { schema: order, value: filled },
    { schema: schema.string(), value: 'text' },
    { schema: null, value: { a: [1, null, 'x'] } },
  ],
  garbage: [...truncated, Buffer.from('{}')],
})
holds(
  JsonConverter,
  {
    samples: [
      { schema: null, value: { a: [1, typedNumber('float64', 1), 2n ** 60n, 0.5, null, { b: 'é' }] } },
      { schema: null, value: 'text' },
    ],
    garbage: truncated,
  },
  { 'schemas.enable': 'false' },
)
for (const encoding of ['UTF-8', 'UTF-16'])
  holds(
    StringConverter,
    { samples: [{ schema: schema.string(), value: 'é日😀' }] },
    { 'converter.encoding': encoding },
  )
holds(ByteArrayConverter, { samples: [{ schema: schema.bytes(), value: Uint8Array.of(1, 2, 3) }] })
holds(BooleanConverter, {
  samples: [{ schema: schema.boolean(), value: true }],
  garbage: [Uint8Array.of(), Uint8Array.of(2)],
})
const garbage = [Uint8Array.of(1, 2, 3)]
holds(ShortConverter, { samples: [{ schema: schema.int16(), value: -300 }], garbage })
holds(IntegerConverter, { samples: [{ schema: schema.int32(), value: 70000 }], garbage })
holds(LongConverter, { samples: [{ schema: schema.int64(), value: -(2n ** 63n) }], garbage })
holds(FloatConverter, { samples: [{ schema: schema.float32(), value: 0.5 }], garbage })
holds(DoubleConverter, { samples: [{ schema: schema.float64(), value: 0.1 }], garbage })

describe('SimpleHeaderConverter', () => {
  const contract = headerConverterContract({
    plugin: SimpleHeaderConverter,
    samples: [
      { schema: schema.string(), value: 'text' },
      { schema: schema.boolean(), value: true },
      { schema: schema.int8(), value: 7 },
    ],
  })
  for (const { name, run } of contract) it(name, run)
})
