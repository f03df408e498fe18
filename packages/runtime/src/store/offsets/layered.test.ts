import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { LogEntry } from '../../log/log.ts'
import { loggerOf } from '../../log/log.ts'
import { offsetStoreContract } from '../../testing/stores-contract.ts'
import { until } from '../../testing/until.ts'
import type { OffsetStore } from '../stores.ts'
import { openFileOffsets } from './file.ts'
import { layeredOffsets } from './layered.ts'

async function openFolder() {
  const dir = await mkdtemp(join(tmpdir(), 'isthmus-layers-'))
  return {
    at: (name: string) => join(dir, name),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  }
}

async function openLayers(at: (name: string) => string) {
  const first = await openFileOffsets(at('first'))
  const second = await openFileOffsets(at('second'))
  const lines: LogEntry[] = []
  const both = layeredOffsets(
    first,
    second,
    loggerOf((line) => lines.push(line), 'test'),
  )
  return { first, second, both, lines, [Symbol.asyncDispose]: () => both[Symbol.asyncDispose]() }
}

offsetStoreContract('two layers', async () => {
  const dir = await openFolder()
  return {
    open: async () => (await openLayers(dir.at)).both,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  }
})

describe('offsets in two layers', () => {
  const part = (p: string) => ({ p })
  const refusing = (store: OffsetStore): OffsetStore => ({
    ...store,
    write: () => Promise.reject(new Error('refused')),
  })

  it('are those of the second where the first has none', async () => {
    await using dir = await openFolder()
    await using layers = await openLayers(dir.at)
    await layers.second.write('c', [
      [{ p: 'a', q: 1 }, { at: 1 }],
      [part('b'), { at: 2 }],
    ])
    await layers.first.write('c', [[{ q: 1, p: 'a' }, { at: 10 }]])
    const asked = [{ p: 'a', q: 1 }, part('b'), part('x')]
    assert.deepEqual(await layers.both.read('c', asked), [{ at: 10 }, { at: 2 }, null])
    assert.deepEqual(await layers.both.all('c'), [
      [{ q: 1, p: 'a' }, { at: 10 }],
      [part('b'), { at: 2 }],
    ])
  })

  it('are copied to the second, without waiting for it', async () => {
    await using dir = await openFolder()
    await using layers = await openLayers(dir.at)
    await layers.both.write('c', [[part('a'), { at: 1 }]])
    assert.deepEqual(await layers.first.read('c', [part('a')]), [{ at: 1 }])
    await until(async () => (await layers.second.all('c')).length === 1)
    const log = loggerOf((line) => layers.lines.push(line), 'test')
    await layeredOffsets(layers.first, refusing(layers.second), log).write('c', [[part('a'), { at: 2 }]])
    await until(() => layers.lines.length === 1)
    assert.match(
      layers.lines[0]?.message ?? '',
      /^Failed to write offsets to secondary backing store: refused/,
    )
  })

  it('are not forgotten in the first as long as the second keeps them', async () => {
    await using dir = await openFolder()
    await using layers = await openLayers(dir.at)
    await layers.both.write('c', [[part('a'), { at: 1 }]])
    const log = loggerOf(() => {}, 'test')
    const both = layeredOffsets(layers.first, refusing(layers.second), log)
    await assert.rejects(both.write('c', [[part('a'), null]]), { message: 'refused' })
    assert.deepEqual(await layers.both.read('c', [part('a')]), [{ at: 1 }])
    await layers.both.write('c', [[part('a'), null]])
    assert.deepEqual(await layers.both.all('c'), [])
  })
})
