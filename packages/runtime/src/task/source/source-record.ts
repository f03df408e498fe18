import { inspect } from 'node:util'
import type { RecordHeader } from '@isthmus/kafka'
import type { MaybePromise, Schema, Serialized, SourceRecord, Value } from '@isthmus/sdk'
import { convertToString } from '@isthmus/sdk/data'
import { javaText, recordText } from '@isthmus/sdk/java'
import { encodeFlat } from '../../store/offsets/bytes.ts'
import type { OriginalRecord } from '../errors/dead-letter.ts'
import type { Describe } from '../errors/error-log.ts'
import type { Codec } from '../stages/codec.ts'

export const describeSourceRecord: Describe<SourceRecord> = {
  whole: (record) => `source record is = ${recordText(record)}`,
  place: ({ topic, sourcePartition, sourceOffset }) =>
    `source record for topic '${topic}' of partition ${flatText(sourcePartition)} at offset ${flatText(sourceOffset)}`,
}

/** What a plugin hands over may be no flat map. */
function flatText(map: SourceRecord['sourcePartition']): string {
  try {
    return encodeFlat(map)
  } catch {
    return inspect(map, { depth: 1, breakLength: Infinity })
  }
}

/**
 * What is kept of a record as it was polled, before any transform: converted by the connector's own converters where
 * they can; what they cannot convert is kept as text, and named in the header `__connect.errors.source.text`.
 */
export async function originalOfSourceRecord(
  record: SourceRecord,
  { key, value, header }: Codec,
): Promise<OriginalRecord> {
  const { topic, keySchema, valueSchema, headers, timestamp } = record
  const asText: string[] = []
  const kept = async (
    what: string,
    convert: () => MaybePromise<Serialized>,
    schema: Schema | null,
    data: Value,
  ) => {
    try {
      return await convert()
    } catch {
      asText.push(what)
      return textOf(schema, data)
    }
  }
  const keyBytes = await kept(
    'key',
    () => key.fromConnectData(topic, keySchema, record.key, headers),
    keySchema,
    record.key,
  )
  const valueBytes = await kept(
    'value',
    () => value.fromConnectData(topic, valueSchema, record.value, headers),
    valueSchema,
    record.value,
  )
  const converted: RecordHeader[] = []
  for (const one of headers) {
    const convert = () => header.fromConnectHeader(topic, one.key, one.schema, one.value)
    converted.push({
      key: one.key,
      value: await kept(`header ${one.key}`, convert, one.schema, one.value),
    })
  }
  return {
    key: keyBytes,
    value: valueBytes,
    headers: converted,
    timestamp: timestamp !== null && timestamp >= 0 ? timestamp : null,
    origin: [
      ['topic', topic],
      ['source.partition', encodeFlat(record.sourcePartition)],
      ['source.offset', encodeFlat(record.sourceOffset)],
      ...(asText.length > 0 ? [['source.text', asText.join(', ')] as const] : []),
    ],
  }
}

/** JSON-like where there is such a form. */
function textOf(schema: Schema | null, data: Value): string | null {
  try {
    return convertToString(schema, data)
  } catch {
    return javaText(data, schema)
  }
}
