import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import { eventually } from '../process/eventually.ts'
import { newTopic } from '../process/file-copy.ts'
import { type GroupWorker, startWorker } from '../process/group-worker.ts'
import { arrivedAtLeastOnce, readLines, textOf } from '../process/lines.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { linesOf, sinkOf, sourceOf, workerProps } from './files.ts'
import { answers, inState, insist, placesOf } from './watch.ts'

const PAIRS = 3
const PART = 500

export interface MixedPlay {
  readonly bootstrapServers: string
  /** The first of a group leads it: the other's writes are forwarded to it, and its task configs are sent to it, signed. */
  readonly leader: 'java' | 'isthmus'
  readonly follower: 'java' | 'isthmus'
  readonly protocol: 'sessioned' | 'compatible' | 'eager'
  /** Also what is the same by all protocols. */
  readonly whole: boolean
}

/** A worker of each kind in one group: they share the work, manage it through either, and one goes on when the other has left. */
export async function playMixed({
  bootstrapServers,
  leader,
  follower,
  protocol,
  whole,
}: MixedPlay): Promise<void> {
  await using dir = await openTempDir()
  await using stack = new AsyncDisposableStack()
  const group = newTopic()
  const props = workerProps(bootstrapServers, group, { 'connect.protocol': protocol })
  const input = dir.at('input')
  await writeFile(input, textOf(linesOf(0, PART)))
  const started = async (kind: 'java' | 'isthmus'): Promise<GroupWorker> => {
    const worker = stack.use(await startWorker[kind](dir.at(kind), props))
    await answers(worker)
    return worker
  }
  const outputOf = (i: number) => dir.at(`output-${i}`)
  const arrived = async (count: number) => {
    for (let i = 0; i < PAIRS; i++) {
      const sent = linesOf(0, count)
      await eventually(
        `${count} lines in ${outputOf(i)}`,
        async () => (await readLines(outputOf(i))).includes(sent.at(-1) ?? ''),
        60_000,
      )
      arrivedAtLeastOnce(await readLines(outputOf(i)), sent)
    }
  }

  const first = await started(leader)
  const second = await started(follower)
  const both = [first, second]
  const names: string[] = []
  for (let i = 0; i < PAIRS; i++) {
    const topic = `${group}-${i}`
    const [source, sink] = [`source-${i}`, `sink-${i}`]
    names.push(source, sink)
    // through the follower, which forwards to its leader, and through the leader
    await insist(source, () => second.client.put(source, sourceOf(topic, input)))
    await insist(sink, () => first.client.put(sink, sinkOf(topic, outputOf(i))))
  }
  for (const name of names) await inState(both, name, 'RUNNING')
  for (const { client } of both) assert.deepEqual(await placesOf(client), new Set(both.map(({ id }) => id)))
  await arrived(PART)

  // each side manages what the other may run; that is the same by all protocols
  if (whole) {
    await insist('pausing', () => first.client.pause('source-0'))
    await inState(both, 'source-0', 'PAUSED')
    await insist('resuming', () => second.client.resume('source-0'))
    await inState(both, 'source-0', 'RUNNING')
    await insist('stopping', () => second.client.stop('source-1'))
    await inState(both, 'source-1', 'STOPPED', 0)
    await insist('resuming', () => first.client.resume('source-1'))
    await inState(both, 'source-1', 'RUNNING')
    await insist('reconfiguring', () => second.client.patch('sink-1', { 'tasks.max': '2' }))
    await inState(both, 'sink-1', 'RUNNING', 2)
    for (const one of both)
      await insist('restarting', () => one.client.restart('sink-0', { includeTasks: true }))
    await inState(both, 'sink-0', 'RUNNING')
    await insist('deleting', () => second.client.delete('sink-2'))
    await insist('creating', () => second.client.put('sink-2', sinkOf(`${group}-2`, outputOf(2))))
    await inState(both, 'sink-2', 'RUNNING')
  }
  await appendFile(input, textOf(linesOf(PART, PART)))
  await arrived(2 * PART)

  // the other leads from now on
  await first.stop()
  for (const name of names.filter((one) => !whole || one !== 'sink-1'))
    await inState([second], name, 'RUNNING')
  await eventually('all is on the one that is left', async () => {
    const places = await placesOf(second.client)
    return places.size === 1 && places.has(second.id)
  })
  await appendFile(input, textOf(linesOf(2 * PART, PART)))
  await arrived(3 * PART)
}
