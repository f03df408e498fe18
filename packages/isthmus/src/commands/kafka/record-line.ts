import type { FetchedBatch, FetchedRecord } from '@isthmus/kafka'
import type { DataFormat } from './data-format.ts'
import { jsonOfBytes } from './json-record.ts'
import { lineProperties } from './line-properties.ts'
import { shownOf } from './text.ts'

/** The text of a record of a batch, its end included. */
export type RecordLine = (batch: FetchedBatch, record: FetchedRecord) => Promise<string> | string

interface Formats {
  readonly key: DataFormat
  readonly value: DataFormat
}

/** Names and defaults of Kafka's console consumer. */
const PROPERTIES = {
  'print.timestamp': 'false',
  'print.partition': 'false',
  'print.offset': 'false',
  'print.headers': 'false',
  'print.key': 'false',
  'print.value': 'true',
  'key.separator': '\t',
  'headers.separator': ',',
  'line.separator': '\n',
  'null.literal': 'null',
}
const DETAILS = ['timestamp', 'partition', 'offset', 'headers', 'key'].map((what) => `print.${what}=true`)

/** As Kafka's console consumer prints it, by the same properties; `details`: all there is. */
export function textLine({ key, value }: Formats, given: readonly string[], details: boolean): RecordLine {
  const props = lineProperties(PROPERTIES, details ? [...DETAILS, ...given] : given)
  const [timestamp, partition, offset, headers, withKey, withValue] = (
    ['timestamp', 'partition', 'offset', 'headers', 'key', 'value'] as const
  ).map((what) => props[`print.${what}`] === 'true')
  const separator = props['key.separator']
  const end = props['line.separator']
  const none = props['null.literal']
  const headersText = (record: FetchedRecord): string =>
    record.headers.length === 0
      ? 'NO_HEADERS'
      : record.headers
          .map((header) => `${header.key}:${header.value === null ? none : shownOf(header.value)}`)
          .join(props['headers.separator'])
  const assembled = (
    { partition: number, timestampType }: FetchedBatch,
    record: FetchedRecord,
    keyText: string | null,
    valueText: string | null,
  ): string => {
    const parts: string[] = []
    if (timestamp) parts.push(record.timestamp < 0 ? 'NO_TIMESTAMP' : `${timestampType}:${record.timestamp}`)
    if (partition) parts.push(`Partition:${number}`)
    if (offset) parts.push(`Offset:${record.offset}`)
    if (headers) parts.push(headersText(record))
    if (withKey) parts.push(keyText ?? none)
    if (withValue) parts.push(valueText ?? none)
    return parts.join(separator) + end
  }
  return (batch, record) => {
    const k = withKey ? key.text(batch.topic, record.key) : null
    const v = withValue ? value.text(batch.topic, record.value) : null
    if (!(k instanceof Promise) && !(v instanceof Promise)) return assembled(batch, record, k, v)
    return Promise.all([k, v]).then((texts) => assembled(batch, record, ...texts))
  }
}

/** One JSON object with all there is, which `produce --json` takes. */
export const jsonLine =
  ({ key, value }: Formats): RecordLine =>
  async ({ topic, partition, timestampType }, { offset, timestamp, headers, ...record }) => {
    const [ofKey, ofValue] = [await key.json(topic, record.key), await value.json(topic, record.value)]
    return `${JSON.stringify({
      topic,
      partition,
      offset,
      timestamp: timestamp < 0 ? null : timestamp,
      timestampType,
      key: ofKey.payload,
      ...(ofKey.schema === null ? {} : { keySchema: ofKey.schema }),
      value: ofValue.payload,
      ...(ofValue.schema === null ? {} : { valueSchema: ofValue.schema }),
      headers: headers.map((header) => ({ key: header.key, value: jsonOfBytes(header.value) })),
    })}\n`
  }
