import type { RecordBytes, RecordHeader } from '@isthmus/kafka'
import { dataError } from '@isthmus/sdk'
import type { DataFormat } from './data-format.ts'
import { parseJsonRecord } from './json-record.ts'
import { lineProperties } from './line-properties.ts'

/** A record that is to be written. */
export interface InputRecord {
  /** Null: by its key. */
  readonly partition: number | null
  /** Null: now. */
  readonly timestamp: number | null
  readonly key: RecordBytes
  readonly value: RecordBytes
  readonly headers: readonly RecordHeader[]
}

/** Makes a record of a line. Throws a data error that says what is wrong with it. */
export type LineReader = (line: Buffer) => Promise<InputRecord> | InputRecord

interface Formats {
  readonly key: DataFormat
  readonly value: DataFormat
}

/** Names and defaults of Kafka's console producer. */
const PROPERTIES = {
  'parse.key': 'false',
  'key.separator': '\t',
  'parse.headers': 'false',
  'headers.delimiter': '\t',
  'headers.separator': ',',
  'headers.key.separator': ':',
  'null.marker': '',
}

/** A line as Kafka's console producer takes it, by the same properties: headers and key before the value where they are asked for. */
export function textReader(topic: string, { key, value }: Formats, given: readonly string[]): LineReader {
  const props = lineProperties(PROPERTIES, given)
  const [withKey, withHeaders] = [props['parse.key'] === 'true', props['parse.headers'] === 'true']
  const marker = props['null.marker']
  const isNull = (text: Buffer): boolean => marker !== '' && text.equals(Buffer.from(marker))
  const bytes = (format: DataFormat, text: Buffer) => (isNull(text) ? null : format.ofText(topic, text))

  function headersOf(text: Buffer): readonly RecordHeader[] {
    if (text.length === 0 || isNull(text)) return []
    return text
      .toString('utf8')
      .split(props['headers.separator'])
      .map((pair) => {
        const at = pair.indexOf(props['headers.key.separator'])
        if (at < 0)
          throw dataError(`header '${pair}' has no '${props['headers.key.separator']}' behind its key`)
        const header = pair.slice(at + props['headers.key.separator'].length)
        return { key: pair.slice(0, at), value: marker !== '' && header === marker ? null : header }
      })
  }

  return (line) => {
    let rest = line
    let headers: readonly RecordHeader[] = []
    let keyText: Buffer | null = null
    if (withHeaders) {
      const [first, others] = cut(rest, props['headers.delimiter'], 'headers')
      headers = headersOf(first)
      rest = others
    }
    if (withKey) [keyText, rest] = cut(rest, props['key.separator'], 'key')
    const made = keyText === null ? null : bytes(key, keyText)
    const content = bytes(value, rest)
    const base = { partition: null, timestamp: null, headers }
    if (made instanceof Promise || content instanceof Promise)
      return Promise.all([made, content]).then(([k, v]) => ({ ...base, key: k, value: v }))
    return { ...base, key: made, value: content }
  }
}

function cut(line: Buffer, separator: string, what: string): readonly [Buffer, Buffer] {
  const at = line.indexOf(separator)
  if (at < 0) throw dataError(`it has no ${JSON.stringify(separator)} behind its ${what}`)
  return [line.subarray(0, at), line.subarray(at + Buffer.byteLength(separator))]
}

/** A line as `consume --json` prints it. */
export const jsonReader =
  (topic: string, { key, value }: Formats): LineReader =>
  async (line) => {
    const { key: ofKey, value: ofValue, ...record } = parseJsonRecord(line.toString('utf8'))
    return {
      ...record,
      key: ofKey.payload === null && ofKey.schema === null ? null : await key.ofJson(topic, ofKey),
      value: ofValue.payload === null && ofValue.schema === null ? null : await value.ofJson(topic, ofValue),
    }
  }
