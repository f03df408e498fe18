import { type DistributedConfig, parseDistributed } from '../config/distributed.ts'
import { parseStandalone, type WorkerConfig } from '../config/worker.ts'
import type { WorkerCore } from '../herder/core.ts'
import { loggerOf, silent } from '../log/log.ts'
import { openMemoryConfigs, openMemoryStatuses } from '../store/memory.ts'
import type { OffsetStore } from '../store/stores.ts'

const PROPS = { 'bootstrap.servers': 'nowhere:1', 'key.converter': 'Text', 'value.converter': 'Text' }
const offsets: OffsetStore = {
  read: async () => [],
  write: async () => {},
  all: async () => [],
  async [Symbol.asyncDispose]() {},
}

type Given<C extends WorkerConfig> = Partial<Omit<WorkerCore<C>, 'config' | 'stores'>> & {
  readonly props?: { readonly [name: string]: string }
  readonly stores?: Partial<WorkerCore['stores']>
}

function coreOf<C extends WorkerConfig>(config: C, { props: _, stores, ...given }: Given<C>): WorkerCore<C> {
  return {
    config,
    workerId: 'here:1',
    facts: () => ({ props: {}, clusterId: null, plugins: [] }),
    rescanPlugins: async () => ({ added: [], changed: [], removed: [], warnings: [], unread: [] }),
    stores: { configs: openMemoryConfigs(), statuses: openMemoryStatuses(), offsets, ...stores },
    log: loggerOf(silent, 'test'),
    now: Date.now,
    closing: new AbortController().signal,
    ...given,
  }
}

/** What parts of a worker go by in tests; its stores are in memory. */
export const standaloneCore = (given: Given<WorkerConfig> = {}): WorkerCore =>
  coreOf(parseStandalone({ ...PROPS, 'offset.storage.file.filename': 'none', ...given.props }), given)

/** The same of a worker in a group. */
export const groupCore = (given: Given<DistributedConfig> = {}): WorkerCore<DistributedConfig> =>
  coreOf(
    parseDistributed({
      ...PROPS,
      'group.id': 'g',
      'offset.storage.topic': 'offsets',
      'config.storage.topic': 'configs',
      'status.storage.topic': 'statuses',
      ...given.props,
    }),
    given,
  )
