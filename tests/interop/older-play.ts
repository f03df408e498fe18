import assert from 'node:assert/strict'
import type { GroupWorker } from '../process/group-worker.ts'
import { type Copies, openCopies } from './copies.ts'
import { type MixedGroup, openMixedGroup } from './group.ts'
import { reporting } from './report.ts'
import { inState, insist } from './watch.ts'

const PAIRS = 1
const PART = 500

/** The cluster of an older release is taken over, shared with one of its workers, given back, and taken over once more, one at a time. */
export async function playOlder(bootstrapServers: string, release: string): Promise<void> {
  await using group = await openMixedGroup(bootstrapServers, {}, release)
  await reporting(group, () => playIn(group, release))
}

async function playIn(group: MixedGroup, release: string): Promise<void> {
  const first = await group.start('java')
  const copies = await openCopies(group, PAIRS, [first])
  await goOn(copies, [first])
  await first.stop()

  const ours = await group.start('isthmus')
  await goOn(copies, [ours])
  const older = await group.start('java')
  await goOn(copies, [ours, older])
  await restartAll(copies, ours, older, release)

  // given back
  assert.equal(await ours.stop(), 0)
  await goOn(copies, [older])
  const again = await group.start('isthmus')
  await goOn(copies, [older, again])
  await askTooMuch(copies, again, older, release)

  await older.stop()
  await goOn(copies, [again])
  assert.equal(await again.stop(), 0)
}

/** What there is to run is shared by these workers, and new lines arrive. */
async function goOn(copies: Copies, workers: readonly GroupWorker[]): Promise<void> {
  await copies.runOn(workers)
  await copies.write(PART)
  await copies.arrived()
}

/** Ours leads. What it says of restarts, and answers to those that the older worker passes on, that one can read. */
async function restartAll(
  copies: Copies,
  ours: GroupWorker,
  older: GroupWorker,
  release: string,
): Promise<void> {
  const both = [ours, older]
  for (const name of copies.names)
    for (const { client } of both) {
      await insist(`restarting ${name}`, () => client.restart(name))
      await insist(`restarting the task of ${name}`, () => client.restartTask(name, 0))
    }
  for (const name of copies.names) await inState(both, name, 'RUNNING')
  assert.doesNotMatch(older.output(), /Failed to deserialize/)
  if (isBefore(release, '3.0')) return
  for (const name of copies.names) {
    const told = await insist('restarting', () => older.client.restart(name, { includeTasks: true }))
    assert.equal(told?.connector.state, 'RESTARTING')
    await inState(both, name, 'RUNNING')
  }
}

/** The older one leads, and is asked for what it may not know. */
async function askTooMuch(
  copies: Copies,
  { client }: GroupWorker,
  older: GroupWorker,
  release: string,
): Promise<void> {
  const name = copies.source(0)
  const lacking = {
    status: 501,
    message: new RegExp(`http://${older.id}/ of version ${release}, is too old`),
  }
  const refused = (since: string, what: () => Promise<unknown>) =>
    isBefore(release, since) ? assert.rejects(what, lacking) : undefined
  await refused('3.0', () => client.restart(name, { includeTasks: true }))
  await refused('3.5', () => client.stop(name))
  await refused('3.6', () => client.resetOffsets(name))
  await refused('3.8', () => client.patch(name, { 'batch.size': '7' }))
}

function isBefore(release: string, other: string): boolean {
  const [a, b] = [release, other].map((text) => text.split('.').map(Number)) as [number[], number[]]
  return (a[0] ?? 0) - (b[0] ?? 0) < 0 || (a[0] === b[0] && (a[1] ?? 0) < (b[1] ?? 0))
}
