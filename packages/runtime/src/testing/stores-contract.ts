import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { typedNumber } from '@isthmus/sdk/data'
import type { OffsetStore } from '../store/stores.ts'

/** What every offset store promises. `open` opens the same store again each time; `fresh` makes another, empty one. */
export function offsetStoreContract(
  name: string,
  fresh: () => Promise<{ open(): Promise<OffsetStore> } & AsyncDisposable>,
): void {
  describe(`offsets kept in ${name}`, () => {
    it('are read back in the order of the question, null where there is none', async () => {
      await using place = await fresh()
      await using store = await place.open()
      await store.write('c', [
        [{ file: 'a' }, { position: 1 }],
        [{ file: 'b' }, { position: 2 }],
      ])
      assert.deepEqual(await store.read('c', [{ file: 'b' }, { file: 'x' }, { file: 'a' }]), [
        { position: 2 },
        null,
        { position: 1 },
      ])
      assert.deepEqual(await store.read('other', [{ file: 'a' }]), [null])
    })

    it('are there for whoever opens the store next', async () => {
      await using place = await fresh()
      {
        await using store = await place.open()
        await store.write('c', [[{ file: 'a' }, { position: 1 }]])
        await store.write('c', [[{ file: 'a' }, { position: 2 }]])
      }
      await using store = await place.open()
      assert.deepEqual(await store.read('c', [{ file: 'a' }]), [{ position: 2 }])
      assert.deepEqual(await store.all('c'), [[{ file: 'a' }, { position: 2 }]])
    })

    it('are forgotten when null is written', async () => {
      await using place = await fresh()
      {
        await using store = await place.open()
        await store.write('c', [
          [{ file: 'a' }, { position: 1 }],
          [{ file: 'b' }, { position: 2 }],
        ])
        await store.write('c', [[{ file: 'a' }, null]])
      }
      await using store = await place.open()
      assert.deepEqual(await store.all('c'), [[{ file: 'b' }, { position: 2 }]])
    })

    it('belong to a partition whatever the order of its keys', async () => {
      await using place = await fresh()
      await using store = await place.open()
      await store.write('c', [[{ db: 'd', table: 't' }, { id: 1 }]])
      await store.write('c', [[{ table: 't', db: 'd' }, { id: 2 }]])
      assert.deepEqual(await store.read('c', [{ table: 't', db: 'd' }]), [{ id: 2 }])
      assert.deepEqual(await store.all('c'), [[{ db: 'd', table: 't' }, { id: 2 }]])
    })

    it('keep numbers beyond 2^53, floats, text of any kind, and null', async () => {
      await using place = await fresh()
      const offset = {
        big: 2n ** 63n - 1n,
        whole: typedNumber('float64', 3),
        half: 0.5,
        text: 'ä😀"\u0001',
        none: null,
      }
      {
        await using store = await place.open()
        await store.write('c', [[{ p: 'ä😀' }, offset]])
      }
      await using store = await place.open()
      assert.deepEqual(await store.read('c', [{ p: 'ä😀' }]), [offset])
    })

    it('survive many writes at once', async () => {
      await using place = await fresh()
      {
        await using store = await place.open()
        await Promise.all(
          Array.from({ length: 50 }, (_, i) => store.write(`c${i % 5}`, [[{ part: i }, { next: i }]])),
        )
      }
      await using store = await place.open()
      for (let i = 0; i < 50; i++)
        assert.deepEqual(await store.read(`c${i % 5}`, [{ part: i }]), [{ next: i }])
    })
  })
}
