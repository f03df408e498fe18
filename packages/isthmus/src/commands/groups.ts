import { ConnectError } from '@isthmus/sdk'
import { mistake } from './command-line.ts'
import { columns, jsonLines } from './kafka/columns.ts'
import { CONNECTION, CONNECTION_HELP, EXIT_CODES, type Kafka, withKafka } from './kafka/connection.ts'
import { describeGroup, groupText } from './kafka/group-description.ts'
import { noGroup } from './kafka/names.ts'
import { planReset, type Reset, type Selection } from './kafka/offset-reset.ts'
import { print } from './kafka/output.ts'
import { verbLine } from './kafka/verbs.ts'

const VERBS = ['list', 'describe', 'reset', 'delete'] as const

const USAGE = `Usage: isthmus groups list | describe [GROUP …] | reset GROUP | delete GROUP … [options]

  Shows the groups of a cluster: those of consumers with members, offsets and lag, those of Connect workers with
  what each worker runs. Resets the offsets of a group without members; the sink connector NAME has the group
  connect-NAME, without members while it is stopped.

Options:
  --json                          of list, describe and reset: an object a line
  --topic TOPIC[:PARTITION,…]     of reset: may be repeated; or
  --all-topics                    every partition that the group has an offset of
  --to-earliest, --to-latest, --to-offset N, --shift-by N, --to-datetime 2026-01-31T12:00:00Z
                                  of reset: where to; one of them
  --execute                       of reset: does it; without, it only shows what it would do
${CONNECTION_HELP}

Examples:
  isthmus groups list
  isthmus groups describe connect-orders-sink
  isthmus groups reset connect-orders-sink --topic orders --to-earliest --execute

${EXIT_CODES}
`

/** Groups of any broker: listed, described, deleted, and their offsets reset. Resolves to the exit code. */
export async function groups(args: readonly string[]): Promise<number> {
  const given = verbLine(args, USAGE, VERBS, {
    ...CONNECTION,
    json: { type: 'boolean', default: false },
    group: { type: 'string', multiple: true, default: [] },
    topic: { type: 'string', multiple: true, default: [] },
    'all-topics': { type: 'boolean', default: false },
    'to-earliest': { type: 'boolean', default: false },
    'to-latest': { type: 'boolean', default: false },
    'to-offset': { type: 'string' },
    'shift-by': { type: 'string' },
    'to-datetime': { type: 'string' },
    execute: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const { verb, rest, values } = given
  const names = [...rest, ...values.group]
  const needed = verb === 'reset' ? names.length === 1 : verb !== 'delete' || names.length > 0
  if (!needed) {
    const what = verb === 'reset' ? 'the name of one group' : 'the names of groups'
    process.stderr.write(mistake(`isthmus groups ${verb} takes ${what}.`, USAGE))
    return 1
  }
  return withKafka(values, async (kafka) => {
    switch (verb) {
      case 'list':
        return list(kafka, names, values.json)
      case 'describe':
        return describe(kafka, names, values.json)
      case 'reset':
        return reset(kafka, names[0] as string, resetOf(values), values)
      case 'delete':
        return remove(kafka, names)
    }
  })
}

type Listed = Awaited<ReturnType<Kafka['admin']['listGroups']>>

/** All groups, or those of the names. */
async function chosen({ admin, stop }: Kafka, names: readonly string[]): Promise<Listed> {
  const all = await admin.listGroups(stop)
  const known = all.map(({ groupId }) => groupId)
  for (const name of names) if (!known.includes(name)) throw noGroup(name, known)
  return all
    .filter(({ groupId }) => names.length === 0 || names.includes(groupId))
    .toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1))
}

async function list(kafka: Kafka, names: readonly string[], json: boolean): Promise<number> {
  const shown = (await chosen(kafka, names)).map(({ groupId, protocolType, state }) => ({
    group: groupId,
    type: protocolType,
    state,
  }))
  const rows = shown.map(({ group, type, state }) => [group, type === '' ? '-' : type, state])
  await print(json ? jsonLines(shown) : columns(['GROUP', 'TYPE', 'STATE'], rows), kafka.stop)
  return 0
}

async function describe(kafka: Kafka, names: readonly string[], json: boolean): Promise<number> {
  for (const [index, listed] of (await chosen(kafka, names)).entries()) {
    const group = await describeGroup(kafka, listed)
    await print(json ? jsonLines([group]) : `${index === 0 ? '' : '\n'}${groupText(group)}`, kafka.stop)
  }
  return 0
}

async function remove(kafka: Kafka, names: readonly string[]): Promise<number> {
  await chosen(kafka, names)
  let code = 0
  for (const name of names) {
    try {
      await kafka.admin.deleteGroup(name, kafka.stop)
      process.stdout.write(`Deleted group ${name}.\n`)
    } catch (error) {
      if (kafka.stop.aborted) throw error
      process.stderr.write(`${(error as Error).message}\n`)
      code = 1
    }
  }
  return code
}

async function reset(
  kafka: Kafka,
  group: string,
  to: Reset,
  {
    topic: topics,
    'all-topics': all,
    execute,
    json,
  }: Selection & { readonly execute: boolean; readonly json: boolean },
): Promise<number> {
  const { admin, stop } = kafka
  const { state, members } = await admin.describeGroup(group, stop)
  if (members.length > 0)
    throw new ConnectError(
      'state',
      `Group '${group}' has members (its state is ${state}): its offsets can be reset when they are gone. Stop a sink connector with PUT /connectors/NAME/stop.`,
    )
  const plan = await planReset(kafka, group, to, { topic: topics, 'all-topics': all })
  const rows = plan.map((p) => [p.topic, p.partition, p.current ?? '-', p.new])
  if (execute)
    await admin.alterGroupOffsets(
      group,
      plan.map(({ topic, partition, new: offset }) => ({ topic, partition, offset })),
      stop,
    )
  await print(
    json ? jsonLines(plan) : columns(['TOPIC', 'PARTITION', 'CURRENT-OFFSET', 'NEW-OFFSET'], rows),
    stop,
  )
  if (!execute) process.stderr.write('Nothing has been changed: --execute does it.\n')
  return 0
}

function resetOf(values: {
  readonly 'to-earliest': boolean
  readonly 'to-latest': boolean
  readonly 'to-offset'?: string | undefined
  readonly 'shift-by'?: string | undefined
  readonly 'to-datetime'?: string | undefined
}): Reset {
  const asked: Reset[] = []
  if (values['to-earliest']) asked.push({ to: 'earliest' })
  if (values['to-latest']) asked.push({ to: 'latest' })
  if (values['to-offset'] !== undefined)
    asked.push({ to: 'offset', offset: whole('to-offset', values['to-offset']) })
  if (values['shift-by'] !== undefined) asked.push({ to: 'shift', by: whole('shift-by', values['shift-by']) })
  if (values['to-datetime'] !== undefined)
    asked.push({ to: 'time', timestamp: timeOf(values['to-datetime']) })
  const [one] = asked
  if (one !== undefined && asked.length === 1) return one
  throw new ConnectError(
    'config',
    'Say where to, once: --to-earliest, --to-latest, --to-offset, --shift-by or --to-datetime.',
  )
}

function whole(option: string, text: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw new ConnectError('config', `--${option} takes a whole number, not '${text}'.`)
}

function timeOf(text: string): number {
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  throw new ConnectError('config', `--to-datetime takes a time as 2026-01-31T12:00:00Z, not '${text}'.`)
}
