import { once } from 'node:events'
import { after, describe, it } from 'node:test'
import {
  retriable,
  type SourceConnector,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
  sourceConnector,
  sourceRecord,
} from '@isthmus/sdk'
import { type Contract, sourceContract } from '../index.ts'
import { closeLeaks, FAULT_PATIENCE_MS, finds, leak, onlyOnce } from '../testing/planted.ts'

after(closeLeaks)

const COUNT = 5
const PARTITION = { shop: 'a' }

/** A source with five numbers, as one task after another sees it. */
interface Shop {
  readonly props: { readonly topic: string }
  numbers: number[]
  isAway: boolean
  readers: number
}
const openShop = (): Shop => ({
  props: { topic: 'numbers' },
  numbers: [0, 1, 2, 3, 4],
  isAway: false,
  readers: 0,
})
const outage = (shop: Shop): AsyncDisposable => {
  shop.isAway = true
  return {
    async [Symbol.asyncDispose]() {
      shop.isAway = false
    },
  }
}

interface Reader {
  readonly shop: Shop
  next: number
  readonly sound: SourceTask
}
type Change = (reader: Reader, context: SourceTaskContext) => Partial<SourceTask> | undefined

const recordOf = (value: number): SourceRecord =>
  sourceRecord({ topic: 'numbers', value, sourcePartition: PARTITION, sourceOffset: { next: value + 1 } })

async function openReader(shop: Shop, context: SourceTaskContext, change: Change): Promise<SourceTask> {
  const [stored] = await context.offsets([PARTITION])
  const sound: SourceTask = {
    async poll(signal) {
      if (shop.isAway) throw retriable('the shop is away')
      const value = shop.numbers[reader.next]
      if (value !== undefined) {
        reader.next++
        return [recordOf(value)]
      }
      if (!signal.aborted) await once(signal, 'abort')
      return null
    },
    async [Symbol.asyncDispose]() {
      shop.readers--
    },
  }
  const reader: Reader = { shop, next: Number(stored?.['next'] ?? 0), sound }
  shop.readers++
  return { ...sound, ...change(reader, context) }
}

function played(
  change: Change,
  changeConnector: (sound: SourceConnector) => Partial<SourceConnector> = () => ({}),
  patienceMs = FAULT_PATIENCE_MS,
): Contract {
  let shop = openShop()
  const plugin = sourceConnector({
    class: 'test.Numbers',
    version: null,
    config: { topic: { type: 'string', importance: 'high', doc: 'The topic' } },
    connector({ raw }) {
      const sound = { taskConfigs: () => [raw] }
      return { ...sound, ...changeConnector(sound) }
    },
    task: (_, context) => openReader(shop, context, change),
  })
  return sourceContract({
    plugin,
    source() {
      shop = openShop()
      return shop
    },
    count: COUNT,
    outage,
    patienceMs,
  })
}

const same = () => undefined

finds('the contract of sources', played(same, undefined, 10_000), {
  'a connector has at most as many configs as there may be tasks, all of texts, and the same when asked again':
    played(same, () => ({ taskConfigs: () => [{}, {}] })),
  'a connector takes a second disposal as it takes the first': played(same, () => ({
    [Symbol.asyncDispose]: onlyOnce(),
  })),
  'every record says where it goes, where it comes from, and where to go on': played(({ sound }) => ({
    poll: async (signal) =>
      (await sound.poll(signal))?.map((record) => ({ ...record, sourceOffset: {} })) ?? null,
  })),
  'source partitions and offsets are flat, and come back from where they are stored as they were': played(
    ({ sound }) => ({
      poll: async (signal) =>
        (await sound.poll(signal))?.map((record) => ({ ...record, sourceOffset: { at: { next: 1 } } })) ??
        null,
    }),
  ),
  'from a stored offset the next record is the one behind it, wherever that is': played((reader) => {
    if (reader.next > 0) reader.next--
    return {}
  }),
  'nothing that has been read comes again': played((reader) => {
    if (reader.next === COUNT) reader.next = 0
    return {}
  }),
  'what was polled and never committed comes again: the source forgets nothing before `commit`': played(
    ({ shop, sound }) => ({
      async poll(signal) {
        const value = shop.numbers.shift()
        return value === undefined ? await sound.poll(signal) : [recordOf(value)]
      },
    }),
  ),
  'a task that was killed in the middle is in nobody’s way: the next goes on where offsets were stored':
    played(({ shop }) => {
      if (shop.readers > 1) throw new Error('somebody else reads')
      return {}
    }),
  'a poll that waits settles when its signal aborts, at once where that has aborted before': played(
    (reader) => ({
      poll: (signal) => (reader.next < COUNT ? reader.sound.poll(signal) : new Promise(() => {})),
    }),
  ),
  'what a poll had read when its signal aborted comes with the next, in order': played(({ sound }) => ({
    async poll(signal) {
      const records = await sound.poll(signal)
      return signal.aborted ? null : records
    },
  })),
  'records stay as they are when they have been handed out': played(({ sound }) => {
    const only: { -readonly [F in keyof SourceRecord]: SourceRecord[F] } = { ...recordOf(0) }
    return {
      async poll(signal) {
        const [record] = (await sound.poll(signal)) ?? []
        return record ? [Object.assign(only, record)] : null
      },
    }
  }),
  'polls leave nothing on their signal, which may live for months': played(({ sound }) => ({
    poll(signal) {
      signal.addEventListener('abort', () => {})
      return sound.poll(signal)
    },
  })),
  '`commit` may come at any time, and `commitRecord` for a record that was dropped': played(() => ({
    commitRecord: (_, metadata) => void (metadata as { offset: number }).offset.toFixed(),
  })),
  'while the source is away polls wait or throw `retriable`, and then nothing is missing': played(
    (reader) => ({
      async poll(signal) {
        if (!reader.shop.isAway) return await reader.sound.poll(signal)
        reader.next++
        return null
      },
    }),
  ),
  'a task takes a second disposal as it takes the first, with and without a poll before': played(() => ({
    [Symbol.asyncDispose]: onlyOnce(),
  })),
  'a task that has been disposed of leaves nothing behind': played(() => {
    leak()
    return {}
  }),
})

/** Counts on for ever, two numbers for each poll, in turn in two partitions whose names differ at their ends only. */
const Endless = sourceConnector({
  class: 'test.Endless',
  version: null,
  config: {},
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  async task(_, context) {
    const partitions = ['a', 'b'].map((end) => ({ path: 'x'.repeat(1000) + end }))
    const stored = await context.offsets(partitions)
    let next = Math.max(0, ...stored.map((offset) => Number(offset?.['next'] ?? 0)))
    return {
      async poll() {
        const values = [next++, next++]
        return values.map((value) => ({
          ...recordOf(value),
          sourcePartition: partitions[value % 2] ?? PARTITION,
        }))
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})
describe('the contract of a source without an end', () => {
  for (const { name, run } of sourceContract({
    plugin: Endless,
    source: () => ({ props: {} }),
    count: COUNT,
  }))
    it(name, run)
})
