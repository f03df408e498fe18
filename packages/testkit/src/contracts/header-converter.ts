import assert from 'node:assert/strict'
import {
  type ConfigDef,
  type ConverterPlugin,
  codeOf,
  type HeaderConverter,
  type HeaderConverterPlugin,
  type Props,
  parseConfig,
  type SchemaAndValue,
} from '@isthmus/sdk'
import { sameValue } from '@isthmus/sdk/data'
import { pluginContext } from '../contexts.ts'
import { type Contract, PATIENCE_MS, type Patience, where } from './contract.ts'
import { asBytes } from './converter.ts'
import { endingClauses, played } from './plugin-clauses.ts'
import { show } from './waiting.ts'

export interface HeaderConverterCase<D extends ConfigDef = ConfigDef> extends Patience {
  /** A header converter, or a converter that is one as well (`openHeader`). */
  readonly plugin: HeaderConverterPlugin<D> | ConverterPlugin<D>
  readonly props?: Props
  /** Values of headers that have to come back as they were. */
  readonly samples: readonly SchemaAndValue[]
  /** Bytes that nobody can have written; none where any bytes are a value. */
  readonly garbage?: readonly Uint8Array[]
}

/** What every header converter keeps to. Its calls are synchronous: a record may have many headers. */
export function headerConverterContract<D extends ConfigDef>({
  plugin,
  props = {},
  samples,
  garbage = [],
  patienceMs = PATIENCE_MS,
}: HeaderConverterCase<D>): Contract {
  const config = parseConfig(plugin.config, { 'converter.type': 'header', ...props })
  const open = async (context = pluginContext()): Promise<HeaderConverter> => {
    const opened = await (plugin.type === 'converter'
      ? plugin.openHeader?.(config, context)
      : plugin.open(config, context))
    assert.ok(opened, `${plugin.class} has no openHeader`)
    return opened
  }
  const write = (converter: HeaderConverter, { schema, value }: SchemaAndValue): Uint8Array | null => {
    const written = converter.fromConnectHeader('topic', 'key', schema, value)
    assert.ok(!(written instanceof Promise), 'fromConnectHeader answers with a promise')
    return asBytes(written)
  }
  const playing = played(open)
  return [
    {
      name: 'a header without a value keeps none, both ways',
      run: playing(async (converter) => {
        assert.equal(write(converter, { schema: null, value: null }), null)
        assert.equal(converter.toConnectHeader('topic', 'key', null).value, null)
      }),
    },
    {
      name: 'a value that was written is read back, also when the batch around its bytes is used again',
      run: playing(async (converter) => {
        for (const sample of samples) {
          const bytes = write(converter, sample)
          const batch = bytes === null ? null : new Uint8Array(bytes)
          const back = converter.toConnectHeader('topic', 'key', batch)
          batch?.fill(0)
          assert.ok(
            sameValue(back.value, sample.value),
            `${show(sample.value)} came back as ${show(back.value)}`,
          )
        }
      }),
    },
    ...where(garbage.length > 0, {
      name: 'bytes that make no sense are bad data, so that errors.tolerance applies',
      run: playing(async (converter) => {
        for (const bytes of garbage)
          assert.throws(
            () => converter.toConnectHeader('topic', 'key', bytes),
            (error) => codeOf(error) === 'data',
            `reading the bytes ${Buffer.from(bytes).toString('hex')}`,
          )
      }),
    }),
    ...endingClauses(
      open,
      (converter) => {
        for (const sample of samples) write(converter, sample)
      },
      patienceMs,
    ),
  ]
}
