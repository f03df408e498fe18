/** Plugins for proofs: a source that counts, and a sink that writes down all it is given. */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type SinkRecord, sinkConnector, sourceConnector, sourceRecord } from '@isthmus/sdk'

const BATCH = 10
const EVERY_MS = 100
/** A task leaves a sign of life: statuses may be of a worker that was killed and is back under its old name. */
const beat = (folder: string, connector: string, task: number) =>
  writeFileSync(join(folder, `beat-${connector}-${task}`), String(process.pid))
const idsOf = (count: number) => Array.from({ length: count }, (_, i) => String(i))

/** Each task counts from 0 and sends each number, with the name of its counter as the key. */
export const CountingSource = sourceConnector({
  class: 'test.CountingSourceConnector',
  taskClass: 'test.CountingSourceTask',
  version: '1',
  config: {
    topic: { type: 'string', importance: 'high', doc: 'Where the numbers go.' },
    folder: { type: 'string', importance: 'high', doc: 'For signs of life.' },
    counters: { type: 'int', default: 1, importance: 'high', doc: 'How many count.' },
    counter: { type: 'string', default: '', importance: 'low', doc: 'Of a task: which one it is.' },
  },
  connector: (config) => ({
    taskConfigs: (most) =>
      idsOf(Math.min(most, config.counters)).map((counter) => ({ ...config.raw, counter })),
  }),
  async task(config, context) {
    const partition = { counter: `${context.connector}-${config.counter}` }
    const [stored] = await context.offsets([partition])
    let next = Number(stored?.['next'] ?? 0)
    return {
      async poll(signal) {
        await wait(EVERY_MS, undefined, { signal }).catch(() => {})
        if (signal.aborted) return null
        beat(config.folder, context.connector, context.task)
        return Array.from({ length: BATCH }, () =>
          sourceRecord({
            topic: config.topic,
            key: partition.counter,
            value: `${partition.counter} ${next++}`,
            sourcePartition: partition,
            sourceOffset: { next },
          }),
        )
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})

/** A line for each partition that is opened and for each record; in a file of its own for each life of a task. */
export const RecordingSink = sinkConnector({
  class: 'test.RecordingSinkConnector',
  taskClass: 'test.RecordingSinkTask',
  version: '1',
  config: {
    folder: { type: 'string', importance: 'high', doc: 'Where the files are written.' },
  },
  connector: (config) => ({ taskConfigs: (most) => idsOf(most).map(() => config.raw) }),
  task(config, { connector, task }) {
    const file = join(config.folder, `got-${connector}-${task}-${process.pid}-${performance.now()}`)
    const lineOf = ({ topic, kafkaPartition, kafkaOffset, value }: SinkRecord) =>
      `${topic} ${kafkaPartition} ${kafkaOffset} ${value}\n`
    return {
      open(partitions) {
        appendFileSync(file, partitions.map((one) => `open ${one.topic} ${one.partition}\n`).join(''))
      },
      put(records) {
        beat(config.folder, connector, task)
        if (records.length > 0) appendFileSync(file, records.map(lineOf).join(''))
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})
