import { openClient } from '@isthmus/client'
import { startChild } from '../../process/child.ts'
import { eventually } from '../../process/eventually.ts'
import type { Stage } from './stage.ts'

/** What a command of a client did, with what differs between any two runs made equal. */
export interface Played {
  readonly command: string
  readonly code: number | string
  /** Line by line; a JSON document of one line or of several is one value. */
  readonly output: readonly unknown[]
}

export interface Play {
  readonly played: readonly Played[]
  /** Runs a command to its end. `passing`: members of its output that are those of a moment, and left out. */
  run(name: string, path: string, args: readonly string[], passing?: readonly string[]): Promise<void>
  /** Waits until a connector and its tasks are in a state, whoever the worker is. */
  settle(connector: string, state: string, tasks: number): Promise<void>
  /** Waits until a connector is known to have used a topic. */
  used(connector: string, topic: string): Promise<void>
}

export function openPlay(stage: Stage, env: { readonly [name: string]: string } = {}): Play {
  const played: Played[] = []
  const client = openClient(stage)
  return {
    played,
    async run(name, path, args, passing = []) {
      await using child = startChild(path, args, { cwd: stage.dir, env, longestMs: 60_000 })
      const code = await child.ended
      const lines = neutral(child.output(), stage).trimEnd().split('\n')
      const output = valuesOf(lines, passing)
      played.push({ command: neutral([name, ...args].join(' '), stage), code, output })
    },
    settle: (connector, state, tasks) =>
      eventually(`${connector} is ${state}`, async () => {
        const status = await client.status(connector).catch(() => null)
        if (status?.connector.state !== state || status.tasks.length !== tasks) return false
        return status.tasks.every((task) => task.state === state)
      }).then(() => {}),
    used: (connector, topic) =>
      eventually(`${connector} has used ${topic}`, async () =>
        (await client.topics(connector).catch((): string[] => [])).includes(topic),
      ).then(() => {}),
  }
}

const neutral = (text: string, { url, bootstrapServers, dir }: Stage): string =>
  text
    .replaceAll(url, '{url}')
    .replaceAll(new URL(url).host, '{host}')
    .replaceAll(bootstrapServers, '{kafka}')
    .replaceAll(dir, '{dir}')

function valuesOf(lines: readonly string[], passing: readonly string[]): unknown[] {
  const values: unknown[] = []
  for (let from = 0; from < lines.length; from++) {
    const length = /^[[{]/.test(lines[from] ?? '') ? lengthOfJson(lines, from) : 0
    if (length === 0) values.push(lines[from])
    else {
      values.push(JSON.parse(lines.slice(from, from + length).join('\n'), member(passing)))
      from += length - 1
    }
  }
  return values
}

/** How many lines from there make a JSON document; 0 when none do. */
function lengthOfJson(lines: readonly string[], from: number): number {
  for (let to = from + 1; to <= lines.length; to++) {
    try {
      JSON.parse(lines.slice(from, to).join('\n'))
      return to - from
    } catch {
      // it goes on, or is none
    }
  }
  return 0
}

/** A trace is its first line: the rest is the language's own. Documentation is worded by whoever wrote it. */
const member = (passing: readonly string[]) => (key: string, value: unknown) => {
  if (key === 'documentation') return undefined
  if (key === 'trace' && typeof value === 'string') return value.split('\n')[0]
  if (['kafka_cluster_id', 'kafkaClusterId', 'commit'].includes(key)) return `a ${key}`
  return passing.includes(key) ? undefined : value
}
