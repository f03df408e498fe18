import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { HostOptions, TaskHost } from './host.ts'
import { openSpareHosts } from './spare-host.ts'

const turn = () => new Promise(setImmediate)

it('one host is at hand ahead of time, until as many are in use as there are to be', async () => {
  const opened: HostOptions[] = []
  let ended = 0
  await using hosts = openSpareHosts(
    (options): TaskHost => {
      opened.push(options)
      return { post() {}, withdraw: () => false, [Symbol.asyncDispose]: async () => void ended++ }
    },
    { isolation: 'thread', memoryMaxMb: 64 },
    2,
  )
  const deaths: string[] = []
  const open = async (name: string): Promise<TaskHost> => {
    const host = hosts.open({
      name,
      isolation: 'thread',
      memoryMaxMb: 64,
      receive() {},
      printed() {},
      died: () => deaths.push(name),
    })
    await turn()
    return host
  }
  await open('one')
  assert.equal(opened.length, 2)
  const two = await open('two')
  assert.deepEqual(
    [opened.length, opened[1]?.name],
    [2, 'two'],
    'the one at hand was taken, and no other is opened',
  )
  await two[Symbol.asyncDispose]()
  await open('three')
  assert.deepEqual([opened.length, ended], [3, 1])
  opened[0]?.died(new Error('it ended'))
  assert.deepEqual(deaths, ['one'])
  await open('four')
  assert.equal(opened.length, 4)
})
