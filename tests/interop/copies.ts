import { appendFile, writeFile } from 'node:fs/promises'
import { eventually } from '../process/eventually.ts'
import type { GroupWorker } from '../process/group-worker.ts'
import { arrivedAtLeastOnce, readLines, textOf } from '../process/lines.ts'
import { linesOf, sinkOf, sourceOf } from './files.ts'
import type { MixedGroup } from './group.ts'
import { inState, insist, placesOf } from './watch.ts'

/** Pairs of a source and a sink that copy one file, each into another. */
export interface Copies {
  /** Of the connectors, which no other test has: a sink's consumer group is named after it. */
  readonly names: readonly string[]
  source(pair: number): string
  sink(pair: number): string
  outputOf(pair: number): string
  /** More lines are there to copy. */
  write(count: number): Promise<void>
  /** Settles when all that was written has arrived, in order and at least once. */
  arrived(): Promise<void>
  /** Settles when all runs, and these workers and no others run it, as each of them says. */
  runOn(workers: readonly GroupWorker[]): Promise<void>
}

/** Resolves when the connectors are configured, each through another of the workers. */
export async function openCopies(
  { id, dir }: MixedGroup,
  pairs: number,
  workers: readonly GroupWorker[],
): Promise<Copies> {
  const input = dir.at('input')
  await writeFile(input, '')
  let written = 0
  const outputOf = (pair: number) => dir.at(`output-${pair}`)
  const source = (pair: number) => `${id}-source-${pair}`
  const sink = (pair: number) => `${id}-sink-${pair}`
  const names: string[] = []
  const create = async (name: string, config: { readonly [name: string]: string }) => {
    const worker = workers[names.length % workers.length]
    names.push(name)
    await insist(name, async () => worker?.client.put(name, config))
  }
  for (let i = 0; i < pairs; i++) {
    await create(source(i), sourceOf(`${id}-${i}`, input))
    await create(sink(i), sinkOf(`${id}-${i}`, outputOf(i)))
  }
  return {
    names,
    source,
    sink,
    outputOf,
    async write(count) {
      await appendFile(input, textOf(linesOf(written, count)))
      written += count
    },
    async arrived() {
      const sent = linesOf(0, written)
      for (let i = 0; i < pairs; i++) {
        const last = sent.at(-1) ?? ''
        await eventually(
          `${written} lines in ${outputOf(i)}`,
          async () => (await readLines(outputOf(i))).includes(last),
          60_000,
        )
        arrivedAtLeastOnce(await readLines(outputOf(i)), sent)
      }
    },
    async runOn(those) {
      for (const worker of those)
        await eventually(
          `all runs on ${those.map((one) => one.id).join(' and ')}, says ${worker.id}`,
          async () => {
            const places = await placesOf(worker.client, names).catch(() => null)
            return places?.size === those.length && those.every((one) => places.has(one.id))
          },
          60_000,
        )
      for (const name of names) await inState(those, name, 'RUNNING')
    },
  }
}
