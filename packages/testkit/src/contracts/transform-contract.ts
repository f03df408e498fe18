import assert from 'node:assert/strict'
import type { ConnectRecord, MaybePromise, PluginContext, Transform } from '@isthmus/sdk'
import { pluginContext } from '../contexts.ts'
import type { Contract } from './contract.ts'
import { disposable } from './converter-contract.ts'

export interface TransformCase {
  open(context: PluginContext): MaybePromise<Transform>
  /** Records that it takes; of sources and of sinks if it is for both. */
  readonly records: readonly ConnectRecord[]
}

const ORIGIN = [
  'sourcePartition',
  'sourceOffset',
  'kafkaOffset',
  'originalTopic',
  'originalKafkaPartition',
  'originalKafkaOffset',
]

const originOf = (record: ConnectRecord) => Object.entries(record).filter(([field]) => ORIGIN.includes(field))

/** What every transform keeps to, whatever it changes. */
export function transformContract({ open, records }: TransformCase): Contract {
  return [
    {
      name: 'the record it is given stays as it is',
      async run() {
        await using transform = disposable(await open(pluginContext()))
        for (const record of records) await transform.apply(deeplyFrozen(record))
      },
    },

    {
      name: 'where a record comes from is kept, so that its offsets are',
      async run() {
        await using transform = disposable(await open(pluginContext()))
        for (const record of records) {
          const changed = await transform.apply(record)
          if (changed === null) continue
          assert.deepEqual(originOf(changed), originOf(record))
        }
      },
    },

    {
      name: 'the same record gives the same answer again',
      async run() {
        await using transform = disposable(await open(pluginContext()))
        for (const record of records)
          assert.deepEqual(await transform.apply(record), await transform.apply(record))
      },
    },
  ]
}

/** Bytes and maps cannot be frozen; objects and lists, which transforms handle most, can. */
function deeplyFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const item of Object.values(value)) deeplyFrozen(item)
  return Object.freeze(value)
}
