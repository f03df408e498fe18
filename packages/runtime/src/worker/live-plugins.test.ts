import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PluginDescriptor, Scan } from '../plugins/descriptor.ts'
import { openLivePlugins } from './live-plugins.ts'

const plugin = (name: string, version: string): PluginDescriptor => ({
  kind: 'module',
  type: 'source',
  class: name,
  version,
  location: `/plugins/${name}`,
  stamp: version,
  module: `file:///plugins/${name}/index.js`,
  export: name,
})

/** Scans that the test answers. */
function rig(first: readonly PluginDescriptor[]) {
  const scans: PromiseWithResolvers<Scan>[] = []
  const told: (readonly string[])[] = []
  const live = openLivePlugins(
    first,
    (signal) => {
      const scan = Promise.withResolvers<Scan>()
      scans.push(scan)
      signal.addEventListener('abort', () => scan.reject(new Error('given up')))
      return scan.promise
    },
    ({ warnings }) => told.push(warnings),
  )
  return { scans, told, live, find: (...plugins: PluginDescriptor[]) => ({ plugins, warnings: ['odd'] }) }
}
const turn = () => new Promise(setImmediate)

describe('plugins that are scanned again', () => {
  it('tell what came, changed and went', async () => {
    const { live, scans, told, find } = rig([plugin('A', '1'), plugin('B', '1'), plugin('C', '1')])
    await using _ = live
    const rescan = live.rescan()
    await turn()
    scans[0]?.resolve(find(plugin('A', '1'), plugin('B', '2'), plugin('D', '1')))
    assert.deepEqual(await rescan, {
      added: [plugin('D', '1')],
      changed: [plugin('B', '2')],
      removed: [plugin('C', '1')],
      warnings: ['odd'],
      unread: [],
    })
    assert.deepEqual(told, [['odd']])
    assert.deepEqual(live.all(), [plugin('A', '1'), plugin('B', '2'), plugin('D', '1')])
  })

  it('stay the same array where nothing changed, and where the scan failed', async () => {
    const first = [plugin('A', '1')]
    const { live, scans, find } = rig(first)
    await using _ = live
    const same = live.rescan()
    await turn()
    scans[0]?.resolve(find(plugin('A', '1')))
    await same
    assert.equal(live.all(), first)
    const failed = live.rescan()
    await turn()
    scans[1]?.reject(new Error('no thread'))
    await assert.rejects(failed, /no thread/)
    assert.equal(live.all(), first)
  })

  it('stay where their module cannot be imported any more, but are of other files', async () => {
    const { live, scans } = rig([plugin('A', '1'), plugin('B', '1')])
    await using _ = live
    const rescan = live.rescan()
    await turn()
    const unread = [{ module: plugin('A', '1').module, stamp: '2' }]
    scans[0]?.resolve({ plugins: [plugin('B', '1')], warnings: ['a mistake'], unread })
    const now = { ...plugin('A', '1'), stamp: '2' }
    assert.deepEqual((await rescan).changed, [now])
    assert.deepEqual((await rescan).removed, [])
    assert.deepEqual(live.all(), [plugin('B', '1'), now])
  })

  it('are known once where their module has another plugin that cannot be used', async () => {
    const { live, scans } = rig([plugin('A', '1')])
    await using _ = live
    const rescan = live.rescan()
    await turn()
    const now = { ...plugin('A', '1'), stamp: '2' }
    const { module, stamp } = now
    scans[0]?.resolve({ plugins: [now], warnings: ['a mistake'], unread: [{ module, stamp }] })
    assert.deepEqual((await rescan).unread, [module])
    assert.deepEqual(live.all(), [now])
  })

  it('are scanned one at a time: who asks meanwhile gets the outcome of the next', async () => {
    const { live, scans, find } = rig([])
    await using _ = live
    const first = live.rescan()
    await turn()
    const [second, third] = [live.rescan(), live.rescan()]
    await turn()
    assert.equal(scans.length, 1)
    scans[0]?.resolve(find(plugin('A', '1')))
    assert.equal((await first).added.length, 1)
    await turn()
    assert.equal(scans.length, 2)
    scans[1]?.resolve(find(plugin('A', '1'), plugin('B', '1')))
    assert.deepEqual((await second).added, [plugin('B', '1')])
    assert.equal(await second, await third)
  })

  it('are not scanned any more once they are disposed of', async () => {
    const { live, scans } = rig([])
    const first = live.rescan()
    await turn()
    const second = live.rescan()
    const outcomes = Promise.allSettled([first, second])
    await live[Symbol.asyncDispose]()
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    assert.equal(scans.length, 1)
  })
})
