import { converter, dataError, type Value } from '@isthmus/sdk'

export const MyNameConverter = converter({
  class: 'MyNameConverter',
  version: '0.1.0',
  // data to bytes, for sources; text stands for its UTF-8 bytes
  write({ value }) {
    // without data there is no message: it deletes what has its key
    if (value === null) return null
    try {
      return JSON.stringify(value)
    } catch (cause) {
      throw dataError('This value cannot be written as JSON', { cause })
    }
  },
  // bytes to data, for sinks; the bytes are valid during this call only
  read({ bytes }) {
    if (bytes === null) return { schema: null, value: null }
    try {
      return { schema: null, value: JSON.parse(Buffer.from(bytes).toString()) as Value }
    } catch (cause) {
      // errors.tolerance decides what becomes of it
      throw dataError('This message is no JSON', { cause })
    }
  },
})
