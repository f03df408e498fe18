import {
  atLeast,
  ConnectError,
  nonEmptyString,
  type SourceOffset,
  sourceConnector,
  sourceRecord,
} from '@isthmus/sdk'
import { offsetsOf, polling } from '@isthmus/sdk/source'

/** Which part of your system records come from. Kafka Connect keeps an offset for each. */
const PARTITION = { system: 'my-name' }

export const MyNameSource = sourceConnector({
  class: 'MyNameSource',
  version: '0.1.0',
  config: {
    topic: { type: 'string', validate: nonEmptyString, importance: 'high', doc: 'The topic to write to.' },
    'poll.interval.ms': {
      type: 'int',
      default: 1000,
      validate: atLeast(1),
      importance: 'medium',
      doc: 'How long to wait between two questions, in milliseconds.',
    },
  },
  // one task does it all; a system with parts is split here, a configuration for each task
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  async task({ topic, 'poll.interval.ms': intervalMs }, context) {
    const stored = await offsetsOf(context, parseOffset).read(PARTITION)
    let next = stored?.next ?? 1
    return {
      poll: polling(context, { intervalMs }, async (signal) => {
        const items = await ask(next, signal)
        next += items.length
        return items.map(({ number, text }) =>
          sourceRecord({
            topic,
            key: String(number),
            value: { number, text },
            sourcePartition: PARTITION,
            sourceOffset: { next: number + 1 },
          }),
        )
      }),
      async [Symbol.asyncDispose]() {
        // close here what the task has opened
      },
    }
  },
})

/** Where to go on: stored in Kafka with the records, and given back after a restart. */
function parseOffset({ next }: SourceOffset): { readonly next: number } {
  if (typeof next === 'number') return { next }
  throw new ConnectError('connect', `The stored offset of my-name has no number 'next' but ${next}`)
}

/** What is new in your system from `next` on. In place of this, send a request: `fetch(url, { signal })`. */
async function ask(next: number, _signal: AbortSignal) {
  return [{ number: next, text: `Hello number ${next}` }]
}
