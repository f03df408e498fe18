import assert from 'node:assert/strict'
import {
  type ConfigDef,
  type Converter,
  type ConverterPlugin,
  codeOf,
  NO_HEADERS,
  type Props,
  parseConfig,
  type SchemaAndValue,
  type Serialized,
} from '@isthmus/sdk'
import { sameValue } from '@isthmus/sdk/data'
import { pluginContext } from '../contexts.ts'
import { type Contract, PATIENCE_MS, type Patience, where } from './contract.ts'
import { endingClauses, played } from './plugin-clauses.ts'
import { show } from './waiting.ts'

export interface ConverterCase<D extends ConfigDef = ConfigDef> extends Patience {
  readonly plugin: ConverterPlugin<D>
  readonly props?: Props
  /** Data that has to come back as it was; its schema may come back as a more general one, or none. */
  readonly samples: readonly SchemaAndValue[]
  /** Bytes that nobody can have written; none where any bytes are data. */
  readonly garbage?: readonly Uint8Array[]
  /** Data that it cannot write; none where it writes all. */
  readonly unwritable?: readonly SchemaAndValue[]
}

export const asBytes = (serialized: Serialized): Uint8Array | null =>
  typeof serialized === 'string' ? Buffer.from(serialized) : serialized

/**
 * What every converter keeps to, whatever its format:
 *
 * ```ts
 * converterContract({
 *   plugin: PairsConverter,
 *   samples: [{ schema: null, value: { id: '1' } }],
 *   garbage: [Buffer.from('no pairs')],
 * })
 * ```
 */
export function converterContract<D extends ConfigDef>({
  plugin,
  props = {},
  samples,
  garbage = [],
  unwritable = [],
  patienceMs = PATIENCE_MS,
}: ConverterCase<D>): Contract {
  const config = parseConfig(plugin.config, { 'converter.type': 'value', ...props })
  const open = (context = pluginContext()) => plugin.open(config, 'value', context)
  const write = async (converter: Converter, { schema, value }: SchemaAndValue): Promise<Uint8Array | null> =>
    asBytes(await converter.fromConnectData('topic', schema, value, NO_HEADERS))
  const readsBack = async (converter: Converter, bytes: Uint8Array | null, { value }: SchemaAndValue) => {
    const back = await converter.toConnectData('topic', bytes, NO_HEADERS)
    assert.ok(sameValue(back.value, value), `${show(value)} came back as ${show(back.value)}`)
  }
  const playing = played(open)
  return [
    {
      name: 'no data without a schema is a tombstone, both ways',
      run: playing(async (converter) => {
        assert.equal(await write(converter, { schema: null, value: null }), null)
        assert.equal((await converter.toConnectData('topic', null, NO_HEADERS)).value, null)
      }),
    },
    {
      name: 'data that was written is read back',
      run: playing(async (converter) => {
        for (const sample of samples) await readsBack(converter, await write(converter, sample), sample)
      }),
    },
    {
      name: 'what another instance has written is read, while both are open',
      run: playing((one) =>
        playing(async (other) => {
          for (const sample of samples) await readsBack(other, await write(one, sample), sample)
        })(),
      ),
    },
    {
      name: 'data stays as it was read when the batch around its bytes is used again',
      run: playing(async (converter) => {
        for (const sample of samples) {
          const bytes = await write(converter, sample)
          if (bytes === null) continue
          const batch = new Uint8Array(bytes.length + 16).fill(0x7a)
          batch.set(bytes, 7)
          const view = batch.subarray(7, 7 + bytes.length)
          const back = await converter.toConnectData('topic', view, NO_HEADERS)
          batch.fill(0)
          assert.ok(sameValue(back.value, sample.value), `${show(sample.value)} became ${show(back.value)}`)
        }
      }),
    },
    {
      name: 'bytes stay as they were written when more is written, before they are sent',
      run: playing(async (converter) => {
        for (const sample of samples) {
          const bytes = await write(converter, sample)
          const kept = bytes && new Uint8Array(bytes)
          for (const other of samples) await write(converter, other)
          assert.deepEqual(bytes && [...bytes], kept ? [...kept] : null, `the bytes of ${show(sample.value)}`)
        }
      }),
    },
    ...where(garbage.length > 0, {
      name: 'bytes that make no sense are bad data, so that errors.tolerance applies',
      run: playing(async (converter) => {
        for (const bytes of garbage)
          await assert.rejects(
            async () => converter.toConnectData('topic', bytes, NO_HEADERS),
            (error) => codeOf(error) === 'data',
            `reading the bytes ${Buffer.from(bytes).toString('hex')}`,
          )
      }),
    }),
    ...where(unwritable.length > 0, {
      name: 'data that cannot be written is bad data, so that errors.tolerance applies',
      run: playing(async (converter) => {
        for (const data of unwritable)
          await assert.rejects(
            () => write(converter, data),
            (error) => codeOf(error) === 'data',
            `writing ${show(data.value)}`,
          )
      }),
    }),
    ...endingClauses(
      open,
      async (converter) => {
        for (const sample of samples) await write(converter, sample)
      },
      patienceMs,
    ),
  ]
}
