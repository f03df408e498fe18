import { between, type ConfigDef, oneOf, type Props, parseConfig, type Validator } from '@isthmus/sdk'
import { validateAll } from '@isthmus/sdk/config'
import { infosOf } from './config-infos.ts'

/** For properties that may be absent. */
const orAbsent = (validate: Validator): Validator =>
  Object.assign((value: unknown, name: string) => (value === null ? null : validate(value, name)), {
    ...(validate.description !== undefined && { description: validate.description }),
  })

/** Every thread has a heap of its own: a worker that is asked for thousands ends for lack of memory. */
const threads = between(1, 256)
/** With less than 12 MiB V8 cannot start a thread; with less than 4 it ends the process. */
const memory = between(16, 1_048_576)

const isolation = oneOf('thread', 'process')

/** Where the instances of connectors run: what a worker may say of all of them. */
export const workerHostsDef = {
  'task.threads': {
    type: 'int',
    default: null,
    importance: 'low',
    validate: orAbsent(threads),
    doc: 'Isthmus only: over how many threads the tasks of one connector spread on a worker; the number of cores when absent. A connector may set its own.',
  },
  'task.threads.max': {
    type: 'int',
    default: null,
    importance: 'low',
    validate: (value) => (value !== null && Number(value) < 1 ? 'Value must be at least 1' : null),
    doc: 'Isthmus only: with so many threads, further connectors share those of their own plugin; eight times the number of cores when absent. A connector that sets task.threads always has its own.',
  },
  'task.memory.max.mb': {
    type: 'int',
    default: 512,
    validate: memory,
    importance: 'low',
    doc: 'Isthmus only: the heap in MiB of one thread or process of a connector. A connector that outgrows it fails; the worker goes on. A connector may set its own.',
  },
  'task.isolation': {
    type: 'string',
    default: 'thread',
    validate: isolation,
    importance: 'low',
    doc: 'Isthmus only: whether connectors run in threads of the worker or in processes of their own, which cost more and hold whatever their code does to memory. A connector may set its own.',
  },
} satisfies ConfigDef

export const ownHostsDef = {
  'task.threads': {
    ...workerHostsDef['task.threads'],
    doc: "Isthmus only: over how many threads the connector's tasks spread on a worker; what the worker says when absent.",
  },
  'task.memory.max.mb': {
    ...workerHostsDef['task.memory.max.mb'],
    default: null,
    validate: orAbsent(memory),
    doc: 'Isthmus only: the heap in MiB of one thread or process of the connector; what the worker says when absent.',
  },
  'task.isolation': {
    ...workerHostsDef['task.isolation'],
    default: null,
    validate: orAbsent(isolation),
    doc: 'Isthmus only: whether the connector runs in threads of the worker or in processes of its own; what the worker says when absent.',
  },
} satisfies ConfigDef

/** The limits that a connector sets for itself, null where it sets none; throws a `config` error where one is wrong. */
export const parseOwnHosts = (connector: Props) => parseConfig(ownHostsDef, connector)

/** What validation says of those that a config sets. Hosts are chosen before variables are replaced: values are taken as they are. */
export async function ownHostsInfos(given: { readonly [name: string]: string | null }) {
  const def = Object.fromEntries(
    Object.entries(ownHostsDef).filter(([name]) => typeof given[name] === 'string'),
  )
  return infosOf([def], await validateAll(def, given))
}
