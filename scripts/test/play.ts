import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

type TestEvent = ReturnType<typeof run> extends AsyncIterable<infer E> ? E : never

/** How one test file ended. */
export interface Outcome {
  readonly file: string
  readonly failed: boolean
  readonly passed: number
  readonly failures: number
  readonly skipped: number
  readonly durationMs: number
  readonly events: readonly TestEvent[]
}

/** These are told of one file after the other, however many are played at once. */
const inOrder: ReadonlySet<TestEvent['type']> = new Set(['test:start', 'test:pass', 'test:fail', 'test:plan'])
const LONGEST_TEST_MS = 4 * 60_000

/** Plays test files, each in a process of its own, and prints how it goes. Files that `signal` ended are left out. */
export async function play(
  files: readonly string[],
  { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal },
): Promise<Outcome[]> {
  const reporter = new spec()
  reporter.pipe(process.stdout, { end: false })
  const events = new Map<string, TestEvent[]>(files.map((file) => [file, []]))
  // an event bears the name of the module that defines the test, a contract for instance: it is of the file whose summary comes next
  const elsewhere: TestEvent[] = []
  for await (const event of run({ files: [...files], concurrency, timeout: LONGEST_TEST_MS, signal })) {
    if (!reporter.write(event)) await new Promise((resolve) => reporter.once('drain', resolve))
    const file = fileOf(event)
    const known = file === undefined ? undefined : events.get(file)
    if (known === undefined) {
      if (inOrder.has(event.type)) elsewhere.push(event)
      continue
    }
    if (event.type === 'test:summary') known.push(...elsewhere.splice(0))
    known.push(event)
  }
  await new Promise<void>((resolve) => reporter.once('end', resolve).end())
  return files.flatMap((file) => outcomeOf(file, events.get(file) ?? []))
}

/** What was printed of a file. */
export async function textOf({ events }: Outcome): Promise<string> {
  const parts = await Readable.from(events).compose(new spec()).toArray()
  return parts.join('')
}

const SHOWN_LINES = 6
const SHOWN_TESTS = 3

/** What the first tests that failed say, in few lines. */
export function complaintsOf({ events }: Outcome): readonly string[] {
  return events
    .flatMap(({ type, data }) =>
      // a suite fails because of what is in it, which has been told
      type === 'test:fail' && data.details.error.failureType !== 'subtestsFailed'
        ? [`${data.name}: ${messageOf(data.details.error.cause)}`]
        : [],
    )
    .slice(0, SHOWN_TESTS)
    .flatMap((text) => text.split('\n').slice(0, SHOWN_LINES))
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

function outcomeOf(file: string, events: readonly TestEvent[]): Outcome[] {
  let durationMs = -1
  let failures = 0
  let counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { type, data } of events) {
    if (type === 'test:fail') failures++
    else if (type === 'test:summary') counts = data.counts
    else if (type === 'test:complete' && data.name === file) durationMs = data.details.duration_ms
  }
  if (durationMs < 0) return []
  const { passed, skipped } = counts
  return [{ file, failed: failures > 0, passed, failures, skipped, durationMs, events }]
}

const fileOf = ({ data }: TestEvent): string | undefined =>
  data !== undefined && 'file' in data ? data.file : undefined
