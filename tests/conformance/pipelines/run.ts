import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCluster } from '@isthmus/kafka'
import { eventually } from '../../process/eventually.ts'
import { exceptionsOf, type Outcome } from './outcome.ts'
import type { Pipeline } from './pipeline.ts'
import { createTopics, readTopics, writeTopics } from './topics.ts'

export interface Target {
  readonly url: string
  readonly bootstrapServers: string
  /** Where the files of the pipelines lie. */
  readonly dir: string
  /** In the names of connectors and topics. */
  readonly id: string
}

const AT_ONCE = 6
const FINISH_MS = 90_000
const LATE_MS = 1000
const CLASSES = {
  replay: 'isthmus.replay.ReplaySource',
  file: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  topic: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
}

/** Runs the pipelines on a worker, several at once, and returns what each made. */
export async function run(pipelines: readonly Pipeline[], target: Target): Promise<readonly Outcome[]> {
  const { id, dir } = target
  await using cluster = await openCluster({ 'bootstrap.servers': target.bootstrapServers })
  const began = Date.now() - LATE_MS
  await createTopics(
    cluster,
    pipelines.flatMap((one) => {
      const own = { name: topicOf(one, id), partitions: partitionsOf(one) }
      const letters = one.config['errors.deadletterqueue.topic.name']
      return letters === undefined ? [own] : [own, { name: letters.replaceAll('{id}', id), partitions: 1 }]
    }),
  )
  await writeTopics(
    cluster,
    pipelines.flatMap((one) =>
      one.from === 'topic' ? [{ name: topicOf(one, id), records: one.records }] : [],
    ),
  )
  const ends: { [name: string]: Pick<Outcome, 'state' | 'errors'> } = {}
  const waiting = [...pipelines]
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        ends[next.name] = await runOne(next, target)
    }),
  )
  const stored = await readTopics(
    cluster,
    (topic) => topic.startsWith(`${id}.`) && !topic.endsWith('.in'),
    began,
  )
  return Promise.all(
    pipelines.map(async (pipeline) => {
      const { state, errors } = ends[pipeline.name]!
      return neutral(
        {
          name: pipeline.name,
          state,
          ...(errors !== undefined && { errors }),
          ...(pipeline.from === 'topic' && {
            file: await readFile(join(dir, `${pipeline.name}.out`), 'utf8').catch(() => ''),
          }),
          records: stored.filter(({ topic }) => topic.startsWith(`${id}.${pipeline.name}.`)),
        },
        target,
      )
    }),
  )
}

const partitionsOf = (pipeline: Pipeline): number =>
  pipeline.from === 'topic'
    ? 1 + Math.max(0, ...pipeline.records.map(({ partition = 0 }) => partition))
    : pipeline.from === 'replay'
      ? (pipeline.partitions ?? 1)
      : 1

const topicOf = ({ name, from }: Pipeline, id: string): string =>
  `${id}.${name}.${from === 'topic' ? 'in' : 'out'}`

async function runOne(pipeline: Pipeline, target: Target): Promise<Pick<Outcome, 'state' | 'errors'>> {
  const { url, id, dir } = target
  const fill = (text: string) => text.replaceAll('{id}', id).replaceAll('{dir}', dir)
  const path = `${url}/connectors/${id}.${pipeline.name}`
  const file = join(dir, `${pipeline.name}.${pipeline.from === 'topic' ? 'out' : 'in'}`)
  if (pipeline.from === 'file') await writeFile(file, pipeline.text)
  if (pipeline.from === 'replay')
    await writeFile(file, pipeline.records.map((record) => `${fill(JSON.stringify(record))}\n`).join(''))
  const created = await fetch(`${path}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: fill(
      JSON.stringify({
        'connector.class': CLASSES[pipeline.from],
        'tasks.max': '1',
        file,
        [pipeline.from === 'topic' ? 'topics' : 'topic']: topicOf(pipeline, id),
        ...pipeline.config,
      }),
    ),
  })
  const answer = (await created.json()) as { message?: string }
  if (!created.ok) return { state: 'refused', errors: [answer.message ?? ''] }
  try {
    return await eventually(pipeline.name, () => endOf(pipeline, path), FINISH_MS)
  } catch (error) {
    return { state: 'unfinished', errors: [String(error)] }
  } finally {
    await fetch(path, { method: 'DELETE' })
  }
}

async function endOf(pipeline: Pipeline, path: string): Promise<Pick<Outcome, 'state' | 'errors'> | null> {
  const status = (await (await fetch(`${path}/status`)).json()) as {
    tasks?: readonly { state: string; trace?: string }[]
  }
  const [task] = status.tasks ?? []
  if (task?.state === 'FAILED') return { state: 'failed', errors: exceptionsOf(task.trace ?? '') }
  const { offsets = [] } = (await (await fetch(`${path}/offsets`)).json()) as {
    offsets?: readonly { offset: { [name: string]: number } }[]
  }
  // a file's position, the line of a replay, or what was consumed of each partition
  const reached = offsets.reduce(
    (sum, { offset }) => sum + Object.values(offset).reduce((all, one) => all + one, 0),
    0,
  )
  return reached >= (pipeline.from === 'file' ? pipeline.text.length : pipeline.records.length)
    ? { state: 'done' }
    : null
}

function neutral(outcome: Outcome, { id, dir }: Target): Outcome {
  const plain = (text: string) => text.replaceAll(id, '{id}').replaceAll(dir, '{dir}')
  return JSON.parse(JSON.stringify(outcome), (key, value: unknown) => {
    if (Array.isArray(value) && value[0] === '__connect.errors.exception.stacktrace')
      return [value[0], exceptionsOf(String(value[1])).join('\nCaused by: ')]
    return typeof value === 'string' && key !== 'name' ? plain(value) : value
  }) as Outcome
}
