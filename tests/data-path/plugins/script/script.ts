import {
  dataError,
  retriable,
  type SinkRecord,
  type SourceRecord,
  sinkConnector,
  sourceConnector,
  sourceRecord,
  type TransformPlugin,
} from '@isthmus/sdk'

const RECORDS = { type: 'string', importance: 'high', doc: 'A JSON list of records.' } as const

/** Sends the records of its config once, from the stored offset on, all in one batch. */
export const ScriptSource = sourceConnector({
  class: 'test.ScriptSource',
  taskClass: 'test.ScriptSourceTask',
  version: '1',
  config: { records: RECORDS },
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  async task({ records }, { offsets }) {
    const sourcePartition = { script: 'main' }
    const [stored] = await offsets([sourcePartition])
    const given = JSON.parse(records) as Partial<SourceRecord>[]
    let batch: SourceRecord[] | null = given
      .map((record, at) =>
        sourceRecord({
          topic: 'none',
          value: null,
          ...record,
          sourcePartition,
          sourceOffset: { at: at + 1 },
        }),
      )
      .slice(Number(stored?.['at'] ?? 0))
    return {
      async poll(signal) {
        if (batch !== null) {
          const next = batch
          batch = null
          return next
        }
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve()
          else signal.addEventListener('abort', () => resolve(), { once: true })
        })
        return null
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})

/** Refuses `bad` for good and `busy` for a while; drops `drop`. */
export const ScriptTransform: TransformPlugin = {
  type: 'transformation',
  class: 'test.ScriptTransform',
  version: '1',
  config: {},
  open() {
    let failures = 2
    return {
      apply(record) {
        if (record.value === 'bad') throw dataError('a bad word')
        if (record.value === 'busy' && failures-- > 0) throw retriable('try again')
        return record.value === 'drop' ? null : record
      },
    }
  },
}

/** Logs what it gets as JSON; reports `bad`; is busy at first with `busy`. */
export const ScriptSink = sinkConnector({
  class: 'test.ScriptSink',
  taskClass: 'test.ScriptSinkTask',
  version: '1',
  config: {},
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  task(_, { errantRecords, log, retryAfter }) {
    let failures = 2
    const told = ({ topic, kafkaPartition, key, value, headers, timestamp, timestampType }: SinkRecord) =>
      JSON.stringify({ topic, kafkaPartition, key, value, headers, timestamp, timestampType })
    return {
      async put(records) {
        for (const record of records) {
          if (record.value === 'busy' && failures-- > 0) {
            retryAfter(5)
            throw retriable('the target is busy')
          }
        }
        for (const record of records) {
          if (record.value === 'bad') await errantRecords?.(record, dataError('a bad word'))
          else if (record.value === 'made') await errantRecords?.(made(record), dataError('a word of my own'))
          else log.warn(`put ${told(record)}`)
        }
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})

/** A record that the worker has not made. */
const made = (record: SinkRecord): SinkRecord => ({
  topic: record.topic,
  kafkaPartition: record.kafkaPartition,
  keySchema: null,
  key: 'own',
  valueSchema: null,
  value: 'words',
  timestamp: record.timestamp,
  headers: [],
  kafkaOffset: record.kafkaOffset,
  timestampType: record.timestampType,
  originalTopic: record.topic,
  originalKafkaPartition: record.kafkaPartition,
  originalKafkaOffset: record.kafkaOffset,
})
