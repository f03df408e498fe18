import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../process/eventually.ts'
import { type Copies, openCopies } from './copies.ts'
import { type MixedGroup, openMixedGroup } from './group.ts'
import { reporting } from './report.ts'
import { openSessionKeys } from './session-keys.ts'

const bootstrapServers = process.env['ISTHMUS_KAFKA'] ?? ''
const PAIRS = 2
const PART = 100
const PAUSE_MS = 200

describe('a group that is replaced', { skip: bootstrapServers === '' && 'no Apache Kafka' }, () => {
  it('goes on while its Java workers give way to ours, one at a time, and to a newer protocol', async () => {
    await using group = await openMixedGroup(bootstrapServers)
    await reporting(group, () => replaceOneByOne(group))
  })
})

async function replaceOneByOne(group: MixedGroup): Promise<void> {
  const old = { 'connect.protocol': 'eager' }
  const java1 = await group.start('java', old)
  await using keys = await openSessionKeys(bootstrapServers, `${group.id}-config`)
  const java2 = await group.start('java', old)
  const copies = await openCopies(group, PAIRS, [java1, java2])
  await copies.runOn([java1, java2])
  await using lines = writing(copies)

  await java1.stop()
  const ours1 = await group.start('isthmus', { 'connect.protocol': 'sessioned' })
  await copies.runOn([java2, ours1])
  // keys are for a protocol that not all of them know yet
  assert.equal(keys.all().length, 0)

  await java2.stop()
  const ours2 = await group.start('isthmus', { 'connect.protocol': 'sessioned' })
  await copies.runOn([ours1, ours2])
  await eventually('the group has a session key', () => keys.all().length > 0)

  await lines.end()
  await copies.arrived()
  for (const worker of [ours1, ours2]) assert.equal(await worker.stop(), 0)
}

/** Writes more lines again and again until it is ended. */
function writing(copies: Copies): { end(): Promise<void> } & AsyncDisposable {
  const over = new AbortController()
  const run = async () => {
    while (!over.signal.aborted) {
      await copies.write(PART)
      await wait(PAUSE_MS, null, { signal: over.signal }).catch(() => {})
    }
  }
  const running = run()
  const end = () => {
    over.abort()
    return running
  }
  return { end, [Symbol.asyncDispose]: end }
}
