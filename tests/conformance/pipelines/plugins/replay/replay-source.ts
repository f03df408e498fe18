import { readFile } from 'node:fs/promises'
import { JsonConverter } from '@isthmus/formats'
import {
  type ConfigDef,
  NO_HEADERS,
  parseConfig,
  type SchemaAndValue,
  type SourceRecord,
  sourceConnector,
} from '@isthmus/sdk'
import { pluginContext } from '@isthmus/testkit'

/** A line of the file: what is not said is null. Key, value and headers are documents of the JsonConverter with schemas. */
interface ReplayLine {
  readonly topic?: string
  readonly partition?: number
  readonly timestamp?: number
  readonly key?: string
  readonly value?: string
  readonly headers?: readonly (readonly [string, string])[]
}

const config = {
  file: { type: 'string', importance: 'high', doc: 'The records, a JSON document each line' },
  topic: { type: 'string', importance: 'high', doc: 'Where records go that name no topic' },
} as const satisfies ConfigDef

/** Hands out recorded data of any schema, key, headers, timestamp and partition, all in one batch; its Java twin is ReplaySource.java. */
export const ReplaySource = sourceConnector({
  class: 'isthmus.replay.ReplaySource',
  taskClass: 'isthmus.replay.ReplaySource$Task',
  version: '1',
  config,
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  async task({ file, topic }, context) {
    const partition = { file }
    const [offset = null] = await context.offsets([partition])
    const from = Number(offset?.['line'] ?? 0)
    const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
    const converter = await JsonConverter.open(
      parseConfig(JsonConverter.config, { 'converter.type': 'value' }),
      'value',
      pluginContext(),
    )
    const dataOf = (text: string | undefined): SchemaAndValue =>
      text === undefined
        ? { schema: null, value: null }
        : (converter.toConnectData(topic, Buffer.from(text), NO_HEADERS) as SchemaAndValue)
    let records: SourceRecord[] | null = lines.slice(from).map((text, index) => {
      const line = JSON.parse(text) as ReplayLine
      const key = dataOf(line.key)
      const value = dataOf(line.value)
      return {
        topic: line.topic ?? topic,
        kafkaPartition: line.partition ?? null,
        timestamp: line.timestamp ?? null,
        keySchema: key.schema,
        key: key.value,
        valueSchema: value.schema,
        value: value.value,
        headers: (line.headers ?? []).map(([name, document]) => ({ key: name, ...dataOf(document) })),
        sourcePartition: partition,
        sourceOffset: { line: from + index + 1 },
      }
    })
    return {
      async poll(signal) {
        const batch = records
        records = null
        if (batch === null && !signal.aborted)
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        return batch
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})
