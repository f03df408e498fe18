import { eventually } from '../process/eventually.ts'
import type { Step } from './steps.ts'

/** What a worker answered, with what differs between any two runs made equal. */
export interface Answer {
  readonly request: string
  readonly note?: string
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** JSON where it is JSON, else the text. */
  readonly body: unknown
}

export interface Target {
  readonly url: string
  /** Where the scenario's files lie. */
  readonly dir: string
  /** In the names of topics. */
  readonly id: string
  /** The worker's group. */
  readonly group: string
}

const HEADERS = ['content-type', 'location', 'allow']
const SETTLE_MS = 30_000

/** Plays the steps, one after the other, and returns the answers. */
export async function play(steps: readonly Step[], target: Target): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (const step of steps) {
    if (step.type === 'settle') await settled(target, step)
    else if (step.type === 'await') await held(target, step)
    else answers.push(await answerOf(target, step))
  }
  return answers
}

async function answerOf(target: Target, step: Step & { type: 'request' }): Promise<Answer> {
  const fill = (text: string) =>
    text.replaceAll('{dir}', target.dir).replaceAll('{id}', target.id).replaceAll('{group}', target.group)
  const init: RequestInit = {
    method: step.method,
    headers: step.headers,
    signal: AbortSignal.timeout(100_000),
  }
  if (step.body !== undefined) init.body = Buffer.from(fill(step.body)) // bytes: fetch would add a content type
  const response = await fetch(target.url + step.path, init)
  const text = await response.text()
  const headers: Record<string, string> = {}
  for (const name of HEADERS) {
    const value = response.headers.get(name)
    if (value !== null) headers[name] = neutral(value, target)
  }
  return {
    request: `${step.method} ${step.path}${step.body === undefined ? '' : ` ${step.body}`}`,
    ...(step.note === undefined ? {} : { note: step.note }),
    status: response.status,
    headers,
    body: jsonOf(neutral(text, target)),
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text, neutralMember)
  } catch {
    return text
  }
}

/** Values of one run only. A trace is its first line: the rest is the language's own. */
function neutralMember(key: string, value: unknown): unknown {
  if (key === 'trace' && typeof value === 'string') return value.split('\n')[0]
  if (key === 'last_modified' && typeof value === 'number') return 'a time'
  if (['kafka_cluster_id', 'commit', 'worker_id'].includes(key) && typeof value === 'string')
    return `a ${key}`
  return value
}

function neutral(text: string, { url, dir, id, group }: Target): string {
  return text
    .replaceAll(url, '{url}')
    .replaceAll(new URL(url).host, '{host}')
    .replaceAll(dir, '{dir}')
    .replaceAll(id, '{id}')
    .replaceAll(group, '{group}')
}

async function held({ url, id }: Target, step: Step & { type: 'await' }): Promise<void> {
  const text = step.holds.replaceAll('{id}', id)
  await eventually(
    `${step.path} holds ${text}`,
    async () => (await (await fetch(url + step.path)).text()).includes(text),
    SETTLE_MS,
  )
}

async function settled({ url }: Target, step: Step & { type: 'settle' }): Promise<void> {
  const deadline = Date.now() + SETTLE_MS
  let seen = ''
  while (Date.now() < deadline) {
    const response = await fetch(`${url}/connectors/${encodeURIComponent(step.connector)}/status`)
    seen = await response.text()
    if (
      step.state === null ? response.status === 404 : response.status === 200 && isIn(step, JSON.parse(seen))
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${step.connector} is not ${step.state ?? 'gone'} after ${SETTLE_MS} ms: ${seen}`)
}

function isIn(
  { state, tasks, taskState }: Step & { type: 'settle' },
  status: { connector: { state: string }; tasks: readonly { state: string }[] },
): boolean {
  if (status.connector.state !== state || status.tasks.length !== tasks) return false
  return status.tasks.every((task) => task.state === taskState)
}
