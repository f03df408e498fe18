import { type HeaderConverterPlugin, schema } from '@isthmus/sdk'
import { convertToString, parseString } from '@isthmus/sdk/data'
import { VERSION } from './converter-type.ts'
import { charsetOf } from './plain/charset.ts'

const BYTES = schema.bytes()
const UTF_8 = charsetOf('UTF-8')

/** Headers as text, and text as the value it most likely stands for; the worker's default. */
export const SimpleHeaderConverter: HeaderConverterPlugin = {
  type: 'header_converter',
  class: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  version: VERSION,
  config: {},
  open: () => ({
    fromConnectHeader(_topic, _key, from, value) {
      const text = convertToString(from, value)
      return text === null ? null : UTF_8.encode(text)
    },
    toConnectHeader(_topic, _key, bytes) {
      if (bytes === null) return { schema: null, value: null }
      try {
        return parseString(UTF_8.decode(bytes))
      } catch {
        // Only text that nests too deep gets here; Java hands such a header on as bytes too.
        return { schema: BYTES, value: new Uint8Array(bytes) }
      }
    },
  }),
}
