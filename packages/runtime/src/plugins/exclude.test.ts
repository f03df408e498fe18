import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testPlugins } from '../testing/plugins.ts'
import { rig } from '../testing/rig.ts'
import { withoutExcluded } from './exclude.ts'

const scan = { plugins: testPlugins, warnings: ['w'] }
const classes = (names: readonly string[]) =>
  withoutExcluded(scan, names).plugins.map((plugin) => plugin.class)
const all = testPlugins.map((plugin) => plugin.class)

describe('plugin.exclude', () => {
  it('takes plugins by class or alias, and nothing else', () => {
    assert.deepEqual(classes([]), all)
    for (const name of ['test.WordsConnector', 'Words', 'WordsConnector'])
      assert.deepEqual(
        classes([name]),
        all.filter((one) => one !== 'test.WordsConnector'),
      )
    assert.throws(() => classes(['words']), {
      code: 'config',
      message:
        'Invalid value words for configuration plugin.exclude: no plugin of this worker has that name.',
    })
  })

  it('leaves a worker without them: what they are named in is refused, and they are not listed', async () => {
    await using given = await rig()
    await assert.rejects(given.open({ 'plugin.exclude': 'Wrds' }), /plugin\.exclude: no plugin/)
    await using worker = await given.open({ 'plugin.exclude': ' Words , ' })
    assert.ok(!worker.herder.plugins().some((plugin) => plugin.class === 'test.WordsConnector'))
    await assert.rejects(worker.herder.put('w', { 'connector.class': 'Words' }), /Failed to find any class/)
  })
})
