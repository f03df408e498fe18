import { appendFile } from 'node:fs/promises'
import { type SinkTask, sinkConnector, transform } from '@isthmus/sdk'

export const Shout = transform({
  class: 'install.Shout',
  apply: (record) => ({ ...record, value: String(record.value).toUpperCase() }),
})

export const Append = sinkConnector({
  class: 'install.AppendSinkConnector',
  version: '1.0.0',
  config: { file: { type: 'string', importance: 'high', doc: 'Where values go' } },
  connector: (config) => ({ taskConfigs: () => [config.raw] }),
  task: (config): SinkTask => ({
    async put(records) {
      const failing = records.find(({ value }) => value === 'FAIL')
      if (failing !== undefined) refuse(String(failing.value))
      await appendFile(config.file, records.map(({ value }) => `${value}\n`).join(''))
    },
    async [Symbol.asyncDispose]() {},
  }),
})

function refuse(value: string): never {
  throw new Error(`cannot append ${value}`)
}
