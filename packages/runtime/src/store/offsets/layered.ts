import type { Logger } from '../../log/log.ts'
import { messageOf } from '../../text/trace.ts'
import type { OffsetStore } from '../stores.ts'

/**
 * Offsets in two stores, as a connector has them that keeps its own: what the `first` has counts, the `second` has what was kept
 * before, and gets a copy of what is written (KIP-618). Disposal releases both.
 */
export function layeredOffsets(first: OffsetStore, second: OffsetStore, log: Logger): OffsetStore {
  let closed = false
  return {
    async read(connector, partitions) {
      const [own, others] = await Promise.all([
        first.read(connector, partitions),
        second.read(connector, partitions),
      ])
      return own.map((offset, i) => offset ?? others[i] ?? null)
    },
    async write(connector, offsets) {
      const forgotten = offsets.filter(([, offset]) => offset === null)
      // there first: what the second keeps would be found again as soon as the first has forgotten it (KAFKA-15018)
      if (forgotten.length > 0) await second.write(connector, forgotten)
      await first.write(connector, offsets)
      const kept = offsets.filter(([, offset]) => offset !== null)
      if (kept.length === 0) return
      // nobody waits for the copy
      second.write(connector, kept).catch((error) => {
        if (!closed) log.warn(`Failed to write offsets to secondary backing store: ${messageOf(error)}`)
      })
    },
    async all(connector) {
      const [own, others] = await Promise.all([first.all(connector), second.all(connector)])
      const more = others.map(([partition]) => partition)
      const found = await first.read(connector, more)
      return [...own, ...others.filter((_, i) => found[i] === null)]
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await first[Symbol.asyncDispose]()
      await second[Symbol.asyncDispose]()
    },
  }
}
