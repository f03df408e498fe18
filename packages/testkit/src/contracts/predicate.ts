import assert from 'node:assert/strict'
import {
  type ConfigDef,
  type ConnectRecord,
  type PredicatePlugin,
  type Props,
  parseConfig,
} from '@isthmus/sdk'
import { pluginContext } from '../contexts.ts'
import { type Contract, PATIENCE_MS, type Patience } from './contract.ts'
import { deeplyFrozen } from './frozen.ts'
import { endingClauses, played } from './plugin-clauses.ts'
import { emptied } from './transform.ts'
import { orBadData, show } from './waiting.ts'

export interface PredicateCase<D extends ConfigDef = ConfigDef> extends Patience {
  readonly plugin: PredicatePlugin<D>
  readonly props?: Props
  /** Records for which it holds, at least one. */
  readonly holds: readonly ConnectRecord[]
  /** Records for which it does not. */
  readonly fails: readonly ConnectRecord[]
}

/** What every predicate keeps to. Its answer is true or false at once, never a promise. */
export function predicateContract<D extends ConfigDef>({
  plugin,
  props = {},
  holds,
  fails,
  patienceMs = PATIENCE_MS,
}: PredicateCase<D>): Contract {
  const config = parseConfig(plugin.config, props)
  const open = (context = pluginContext()) => plugin.open(config, context)
  const records = [...holds, ...fails]
  const playing = played(open)
  return [
    {
      name: 'the answer is true or false, the right one, each time it is asked',
      run: playing(async (predicate) => {
        for (let times = 2; times > 0; times--)
          for (const [index, record] of records.entries())
            assert.equal(predicate.test(record), index < holds.length, `for ${show(record)}`)
      }),
    },
    {
      name: 'the record it is asked about stays as it is',
      run: playing(async (predicate) => {
        for (const record of records) predicate.test(deeplyFrozen(structuredClone(record)))
      }),
    },
    {
      name: 'of tombstones, and records without a key, it holds or not, or they are bad data',
      run: playing(async (predicate) => {
        for (const record of emptied(records))
          await orBadData(`a record without ${record.value === null ? 'a value' : 'a key'}`, () =>
            assert.equal(typeof predicate.test(record), 'boolean'),
          )
      }),
    },
    ...endingClauses(
      open,
      (predicate) => {
        for (const record of records) predicate.test(record)
      },
      patienceMs,
    ),
  ]
}
