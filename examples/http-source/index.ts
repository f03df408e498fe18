import {
  atLeast,
  ConnectError,
  nonEmptyList,
  type SourceOffset,
  type SourceRecord,
  sourceConnector,
} from '@isthmus/sdk'
import { offsetsOf, polling } from '@isthmus/sdk/source'
import { openApi } from './api.ts'

const httpUrl = (value: unknown): string | null =>
  /^https?:/.test(String(value)) && URL.canParse(String(value)) ? null : 'It is no URL of HTTP'

/** A source partition and its offset: what has been read of each collection of the API. */
type Part = { readonly collection: string }
type Position = { readonly after: number }

/** Items of the collections of an HTTP API, each in a topic of its own. */
export const HttpSource = sourceConnector({
  class: 'example.HttpSource',
  version: '1.0.0',
  config: {
    url: { type: 'string', validate: httpUrl, importance: 'high', doc: 'Where the API is.' },
    collections: {
      type: 'list',
      validate: nonEmptyList,
      importance: 'high',
      doc: 'The collections to read, each of them below the URL.',
    },
    'topic.prefix': {
      type: 'string',
      default: '',
      importance: 'medium',
      doc: 'What stands before the name of a collection in the name of its topic.',
    },
    token: {
      type: 'password',
      default: null,
      importance: 'medium',
      doc: 'Sent as a bearer token; without it requests have none.',
    },
    'poll.interval.ms': {
      type: 'int',
      default: 10_000,
      validate: atLeast(1),
      importance: 'medium',
      doc: 'How long to wait until the API is asked again, once all has been read.',
    },
    'page.size': {
      type: 'int',
      default: 100,
      validate: atLeast(1),
      importance: 'low',
      doc: 'How many items to ask for at once.',
    },
    'requests.per.second': {
      type: 'int',
      default: 5,
      validate: atLeast(1),
      importance: 'low',
      doc: 'How many requests a task sends in a second, at most.',
    },
    'request.timeout.ms': {
      type: 'int',
      default: 10_000,
      validate: atLeast(1),
      importance: 'low',
      doc: 'How long to wait for an answer.',
    },
  },
  connector: ({ raw, collections }) => ({
    // each task reads some of the collections
    taskConfigs: (maxTasks) =>
      dealt(collections, maxTasks).map((some) => ({ ...raw, collections: some.join(',') })),
  }),
  async task(config, context) {
    const api = openApi(config, context)
    const offsets = offsetsOf<Part, Position>(context, positionOf)
    const parts = config.collections.map((collection) => ({ collection }))
    const stored = await offsets.readAll(parts)
    const positions = new Map(parts.map(({ collection }, index) => [collection, stored[index]?.after ?? 0]))

    /** One page of each collection. */
    const ask = async (signal: AbortSignal) => {
      const records: SourceRecord[] = []
      const reached = new Map(positions)
      let again = false
      for (const [collection, after] of positions) {
        const { items, more } = await api.page(collection, after, signal)
        for (const item of items)
          records.push(
            offsets.record({
              topic: `${config['topic.prefix']}${collection}`,
              key: String(item.id),
              value: item,
              sourcePartition: { collection },
              sourceOffset: { after: item.id },
            }),
          )
        reached.set(collection, items.at(-1)?.id ?? after)
        again ||= more
      }
      // only now: where a request fails, all of them are sent again
      for (const [collection, after] of reached) positions.set(collection, after)
      return { records, again }
    }
    return {
      poll: polling(context, { intervalMs: config['poll.interval.ms'] }, ask),
      async [Symbol.asyncDispose]() {},
    }
  },
})

/** Throws for what somebody has stored who does not know this connector. */
function positionOf({ after }: SourceOffset): Position {
  if (typeof after === 'number') return { after }
  throw new ConnectError('connect', `'after' is to be the id of an item, not ${after}`)
}

/** Shared out among so many at most. */
function dealt(items: readonly string[], parts: number): readonly (readonly string[])[] {
  const count = Math.min(parts, items.length)
  return Array.from({ length: count }, (_, part) => items.filter((_item, index) => index % count === part))
}
