import { converter, sourceConnector, sourceRecord } from '@isthmus/sdk'

const PARTITION = { counter: 'a' }

/** Counts to `last`, one number for each poll, and then waits; fails at the number `bad`. */
export const Counter = sourceConnector({
  class: 'testkit.Counter',
  version: '1',
  config: {
    topic: { type: 'string', importance: 'high', doc: 'The topic' },
    last: { type: 'int', default: 9, importance: 'high', doc: 'The last number' },
    bad: { type: 'int', default: -1, importance: 'low', doc: 'The number at which it fails' },
  },
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  async task({ topic, last, bad }, context) {
    const [stored] = await context.offsets([PARTITION])
    let next = Number(stored?.['next'] ?? 0)
    return {
      async poll(signal) {
        if (next > last) {
          await context.clock.wait(60_000, signal).catch(() => {})
          return null
        }
        if (next === bad) throw new Error(`cannot count to ${next}`)
        const id = next++
        const from = { sourcePartition: PARTITION, sourceOffset: { next } }
        const headers = [{ key: 'parity', schema: null, value: id % 2 === 0 ? 'even' : 'odd' }]
        return [sourceRecord({ topic, key: `k${id}`, value: { id, name: `n${id}` }, headers, ...from })]
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})

/** Texts the other way round. */
export const Reversed = converter({
  class: 'testkit.ReversedConverter',
  write: ({ value }) => (value === null ? null : [...String(value)].reverse().join('')),
  read: ({ bytes }) => ({
    schema: null,
    value: bytes === null ? null : [...Buffer.from(bytes).toString()].reverse().join(''),
  }),
})
