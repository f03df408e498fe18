import assert from 'node:assert/strict'
import {
  type ConfigDef,
  type ConnectRecord,
  codeOf,
  type Props,
  parseConfig,
  type TransformPlugin,
} from '@isthmus/sdk'
import { pluginContext } from '../contexts.ts'
import { type Contract, PATIENCE_MS, type Patience, where } from './contract.ts'
import { deeplyFrozen } from './frozen.ts'
import { endingClauses, played } from './plugin-clauses.ts'
import { orBadData, show } from './waiting.ts'

export interface TransformCase<D extends ConfigDef = ConfigDef> extends Patience {
  readonly plugin: TransformPlugin<D>
  readonly props?: Props
  /** Records that it takes; of sources and of sinks if it is for both. */
  readonly records: readonly ConnectRecord[]
  /** Records that it cannot change; none where it takes all. */
  readonly refused?: readonly ConnectRecord[]
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

/** Records with less in them than these, as topics hold them. */
export const emptied = (records: readonly ConnectRecord[]): readonly ConnectRecord[] =>
  records.slice(0, 1).flatMap((record) => {
    const noValue = { ...record, value: null, valueSchema: null }
    return [
      noValue,
      { ...noValue, key: null, keySchema: null },
      { ...record, key: null, keySchema: null, headers: [] },
    ]
  })

/**
 * What every transform keeps to, whatever it changes:
 *
 * ```ts
 * transformContract({ plugin: MaskAddress, props: { field: 'email' }, records: [sinkRecord({ value: { email: 'a@b' } })] })
 * ```
 */
export function transformContract<D extends ConfigDef>({
  plugin,
  props = {},
  records,
  refused = [],
  patienceMs = PATIENCE_MS,
}: TransformCase<D>): Contract {
  const config = parseConfig(plugin.config, props)
  const open = (context = pluginContext()) => plugin.open(config, context)
  const playing = played(open)
  return [
    {
      name: 'the record it is given stays as it is',
      run: playing(async (transform) => {
        for (const record of records) await transform.apply(deeplyFrozen(structuredClone(record)))
      }),
    },
    {
      name: 'the answer is a record, or null to drop it',
      run: playing(async (transform) => {
        for (const record of records) {
          const changed: unknown = await transform.apply(record)
          const isRecord =
            typeof changed === 'object' &&
            changed !== null &&
            Object.keys(record).every((field) => field in changed)
          assert.ok(changed === null || isRecord, `${show(record)} became ${show(changed)}`)
        }
      }),
    },
    {
      name: 'where a record comes from is kept, so that its offsets are',
      run: playing(async (transform) => {
        for (const record of records) {
          const changed = await transform.apply(record)
          if (changed) assert.deepEqual(originOf(changed), originOf(record))
        }
      }),
    },
    {
      name: 'the same record gives the same answer again',
      run: playing(async (transform) => {
        for (const record of records)
          assert.deepEqual(await transform.apply(record), await transform.apply(record))
      }),
    },
    {
      name: 'tombstones, and records without a key, are taken, dropped or bad data',
      run: playing(async (transform) => {
        for (const record of emptied(records))
          await orBadData(`a record without ${record.value === null ? 'a value' : 'a key'}`, () =>
            transform.apply(record),
          )
      }),
    },
    ...where(refused.length > 0, {
      name: 'a record that it cannot change is bad data, so that errors.tolerance applies',
      run: playing(async (transform) => {
        for (const record of refused)
          await assert.rejects(
            async () => transform.apply(record),
            (error) => codeOf(error) === 'data',
            `changing ${show(record)}`,
          )
      }),
    }),
    ...endingClauses(
      open,
      async (transform) => {
        for (const record of records) await transform.apply(record)
      },
      patienceMs,
    ),
  ]
}
