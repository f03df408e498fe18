import { isDeepStrictEqual } from 'node:util'
import { withoutAdditions } from '../../conformance/additions.ts'
import { plain } from '../../conformance/compare.ts'
import type { Played } from './play.ts'

/** Where a client is told something else by our worker than by Java's. */
interface Difference {
  readonly reason: string
  readonly applies: (java: Played) => boolean
  /** What Java told as we tell it. */
  readonly ours: (text: string) => string
}

const differences: readonly Difference[] = [
  {
    reason:
      'kc sends a JSON string where an object is wanted: neither worker takes it, ours blames the client',
    applies: ({ command }) => command.startsWith('kc validate-config'),
    ours: (text) => text.replace('500 Server Error: Server Error', '400 Client Error: Bad Request'),
  },
  {
    reason: 'a config without a known class is the mistake of the client: 400',
    applies: ({ command }) => command.startsWith('kafkaconnect create influxdb-sink'),
    ours: (text) =>
      text.replace('"error_code":500', '"error_code":400').replace(/(org\.apache[\w.]+Exception: )+/, ''),
  },
  {
    reason: 'task configs of the file source hold the default of batch.size, for workers before 3.4',
    applies: ({ command }) => command === 'kafkaconnect tasks src',
    ours: (text) => text.replaceAll('{"connector.class"', '{"batch.size":"2000","connector.class"'),
  },
]

/** What our worker let a client do otherwise than Java's, one text each. */
export function compare(java: readonly Played[], ours: readonly Played[]): readonly string[] {
  const faults: string[] = []
  for (const [index, played] of java.entries()) {
    const mine = ours[index]
    const wanted = comparable(asOurs(played))
    const got = mine && comparable(withoutOurOwn(played, mine))
    if (!isDeepStrictEqual(wanted, got))
      faults.push(`${played.command}\n  Java: ${JSON.stringify(wanted)}\n  ours: ${JSON.stringify(got)}`)
  }
  for (const { command } of ours.slice(java.length)) faults.push(`${command} was not played to Java`)
  return faults
}

/** Without definitions that Java has none of. */
function withoutOurOwn(java: Played, ours: Played): Played {
  const answer = (body: unknown) => ({ request: '', status: 200, headers: {}, body })
  const output = ours.output.map(
    (value, index) => withoutAdditions(answer(java.output[index]), answer(value)).body,
  )
  return { ...ours, output }
}

function asOurs(played: Played): Played {
  const difference = differences.find((one) => one.applies(played))
  if (difference === undefined) return played
  return { ...played, output: JSON.parse(difference.ours(JSON.stringify(played.output))) as unknown[] }
}

/** How many tasks a new connector has is not known yet when Java answers. */
const CREATES = /^(kc (create|update)|kafkaconnect (create|upload)|addConnector)/

function comparable({ command, code, output }: Played): unknown {
  return { command, code, output: output.map((value) => listed(plain(withoutTasks(command, value)))) }
}

const withoutTasks = (command: string, value: unknown): unknown =>
  CREATES.test(command) && isObject(value) ? { ...value, tasks: [] } : value

/** In any order: the names and the connectors that are asked for together. */
function listed(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
