import assert from 'node:assert/strict'
import type { Converter, MaybePromise, PluginContext, SchemaAndValue, Serialized } from '@isthmus/sdk'
import { codeOf, NO_HEADERS } from '@isthmus/sdk'
import { sameValue } from '@isthmus/sdk/data'
import { pluginContext } from '../contexts.ts'
import type { Contract } from './contract.ts'

export interface ConverterCase {
  open(context: PluginContext): MaybePromise<Converter>
  /** Data that has to come back as it was; `schema` may come back as a more general one. */
  readonly samples: readonly SchemaAndValue[]
  /** Bytes that nobody can have written; none where any bytes are data. */
  readonly garbage?: readonly Uint8Array[]
}

const asBytes = (serialized: Serialized): Uint8Array | null =>
  typeof serialized === 'string' ? Buffer.from(serialized) : serialized

/** What every converter keeps to, whatever its format. */
export function converterContract({ open, samples, garbage = [] }: ConverterCase): Contract {
  return [
    {
      name: 'no data without a schema is a tombstone, both ways',
      async run() {
        await using converter = disposable(await open(pluginContext()))
        assert.equal(await converter.fromConnectData('topic', null, null, NO_HEADERS), null)
        assert.equal((await converter.toConnectData('topic', null, NO_HEADERS)).value, null)
      },
    },

    {
      name: 'data that was written is read back',
      async run() {
        await using converter = disposable(await open(pluginContext()))
        for (const { schema, value } of samples) {
          const bytes = asBytes(await converter.fromConnectData('topic', schema, value, NO_HEADERS))
          const back = await converter.toConnectData('topic', bytes, NO_HEADERS)
          assert.ok(sameValue(back.value, value), `${show(value)} came back as ${show(back.value)}`)
        }
      },
    },

    {
      name: 'data stays as it was read when the batch around its bytes is used again',
      async run() {
        await using converter = disposable(await open(pluginContext()))
        for (const { schema, value } of samples) {
          const bytes = asBytes(await converter.fromConnectData('topic', schema, value, NO_HEADERS))
          if (bytes === null) continue
          const batch = new Uint8Array(bytes.length + 16).fill(0x7a)
          batch.set(bytes, 7)
          const view = batch.subarray(7, 7 + bytes.length)
          const back = await converter.toConnectData('topic', view, NO_HEADERS)
          batch.fill(0)
          assert.ok(sameValue(back.value, value), `${show(value)} became ${show(back.value)}`)
        }
      },
    },

    {
      name: 'bytes that make no sense are bad data, so that errors.tolerance applies',
      async run() {
        await using converter = disposable(await open(pluginContext()))
        for (const bytes of garbage)
          await assert.rejects(
            async () => converter.toConnectData('topic', bytes, NO_HEADERS),
            (error) => codeOf(error) === 'data',
          )
      },
    },
    {
      name: 'disposing twice is as good as once, also when its task has been cancelled',
      async run() {
        const task = new AbortController()
        const converter = await open(pluginContext({ signal: task.signal }))
        task.abort()
        await converter[Symbol.asyncDispose]?.()
        await converter[Symbol.asyncDispose]?.()
      },
    },
  ]
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}n` : item))

/** `await using` for what may have nothing to dispose. */
export function disposable<T extends Partial<AsyncDisposable>>(owner: T): T & AsyncDisposable {
  return Object.assign(Object.create(owner) as T, {
    [Symbol.asyncDispose]: async () => owner[Symbol.asyncDispose]?.(),
  })
}
