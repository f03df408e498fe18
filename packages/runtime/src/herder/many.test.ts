import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rig, stateOf } from '../testing/rig.ts'
import { until } from '../testing/until.ts'

const COUNT = 200
const words = (text: string) => ({ 'connector.class': 'Words', words: text })

describe('two hundred connectors', () => {
  it('created at once while others are paused, restarted, changed and deleted: each ends as it was last told to', async () => {
    await using given = await rig()
    await using worker = await given.open()
    const { herder } = worker
    const life = async (i: number): Promise<void> => {
      const name = `c${i}`
      await herder.put(name, { ...words('a b'), topic: name })
      switch (i % 8) {
        case 1:
          return herder.pause(name)
        case 2:
          return herder.delete(name)
        case 3:
          return herder.stop(name)
        case 4:
          return herder.restart(name)
        case 5: {
          // what is asked at once is done in the order it was asked
          const changes = ['x', 'y', 'z'].map((text) => herder.put(name, { ...words(text), topic: name }))
          return void (await Promise.all(changes))
        }
        case 6: {
          const steps = [herder.pause(name), herder.stop(name), herder.resume(name)]
          return void (await Promise.all(steps))
        }
        case 7: {
          await herder.delete(name)
          return void (await herder.put(name, { ...words('again'), topic: name }))
        }
      }
    }
    await Promise.all(Array.from({ length: COUNT }, (_, i) => life(i)))

    const wanted = ['RUNNING', 'PAUSED', 'none', 'STOPPED', 'RUNNING', 'RUNNING', 'RUNNING', 'RUNNING']
    for (let i = 0; i < COUNT; i++) {
      const name = `c${i}`
      const state = wanted[i % 8]
      await until(() => stateOf(worker, name) === state)
      const task = state === 'STOPPED' ? 'none' : state
      await until(() => stateOf(worker, name, 0) === task)
      if (state === 'none') assert.ok(!herder.connectors().includes(name))
      else assert.equal(herder.connector(name).tasks.length, state === 'STOPPED' ? 0 : 1)
      if (i % 8 === 5) assert.equal(herder.connector(name).config['words'], 'z')
      if (i % 8 === 7) assert.equal(herder.connector(name).config['words'], 'again')
    }
    assert.equal(herder.connectors().length, (COUNT / 8) * 7)
    // patches of one connector at once: none is lost
    await Promise.all(Array.from({ length: 20 }, (_, i) => herder.patch('c0', { [`note${i}`]: 'kept' })))
    const { config } = herder.connector('c0')
    assert.equal(Object.keys(config).filter((name) => name.startsWith('note')).length, 20)

    await Promise.all(herder.connectors().map((name) => herder.delete(name)))
    assert.deepEqual(herder.connectors(), [])
    for (let i = 0; i < COUNT; i++) assert.equal(stateOf(worker, `c${i}`), 'none')
  })
})
