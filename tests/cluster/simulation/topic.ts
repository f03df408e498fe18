import type { OpenTopic, ReadRecord, StateTopic, TextRecord } from '@isthmus/runtime/testing'
import { ask, type Link, Unreachable, until } from './network.ts'
import type { World } from './world.ts'

/** A compacted topic of one partition. `written` is in it from the beginning. */
export interface SharedTopic {
  /** As a worker's store opens it. Writes over a lossy link may come twice, and late. */
  opener(link: Link): OpenTopic
  /** Takes away what a later record before `offset` replaces. */
  compact(offset: number): void
  readonly records: readonly ReadRecord[]
  readonly end: number
}

const RETRY_MS = 100
const REQUEST_MS = 2000

export function openSharedTopic(world: World, written: readonly TextRecord[] = []): SharedTopic {
  let records: ReadRecord[] = []
  let end = 0
  const readers = new Set<() => void>()
  const write = (added: readonly TextRecord[]) => {
    for (const one of added) records.push({ ...one, partition: 0, offset: end++, timestamp: world.now() })
    for (const tell of readers) tell()
  }
  write(written)

  const openReader = (link: Link, apply: (record: ReadRecord) => void) => {
    let position = 0
    let fetching = false
    const waiting = new Set<{ readonly offset: number; readonly resolve: () => void }>()
    const fetch = async (): Promise<void> => {
      if (fetching || position >= end) return
      fetching = true
      try {
        const read = ask(world, link, () => {
          const first = records.findIndex(({ offset }) => offset >= position)
          return [first === -1 ? [] : records.slice(first), end] as const
        })
        const [batch, next] = await until(read, AbortSignal.timeout(REQUEST_MS))
        for (const one of batch) apply(one)
        position = next
        for (const one of waiting)
          if (position >= one.offset) {
            waiting.delete(one)
            one.resolve()
          }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      } finally {
        fetching = false
      }
      await fetch()
    }
    return {
      fetch,
      reach(offset: number): Promise<void> {
        if (position >= offset) return Promise.resolve()
        return new Promise((resolve) => waiting.add({ offset, resolve }))
      },
    }
  }

  const open = async (
    link: Link,
    apply: (record: ReadRecord) => void,
    once: boolean,
  ): Promise<StateTopic> => {
    const reader = openReader(link, apply)
    const wake = () => {
      world.after(1 + world.random(world.chance(5) ? 400 : 20), link.owner, () => void reader.fetch())
    }
    readers.add(wake)
    let last: Promise<void> = Promise.resolve()
    const insist = async <T>(work: () => T): Promise<T> => {
      for (;;)
        try {
          return await until(ask(world, link, work), AbortSignal.timeout(REQUEST_MS))
        } catch {
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        }
    }
    const put = async (added: readonly TextRecord[]): Promise<void> => {
      if (!once) return await insist(() => write(added))
      await until(
        ask(world, link, () => write(added)),
        AbortSignal.timeout(REQUEST_MS),
      ).catch(() => {
        throw new Unreachable('The write was not acknowledged')
      })
    }
    const append = (added: readonly TextRecord[], signal?: AbortSignal): Promise<void> => {
      // a batch that is full ends somewhere
      const cut = added.length > 1 && world.chance(10) ? 1 + world.random(added.length - 1) : added.length
      const parts = [added.slice(0, cut), added.slice(cut)].filter((part) => part.length > 0)
      const mine = last.then(async () => {
        for (const part of parts) await put(part)
      })
      last = mine.catch(() => {})
      return until(mine, signal)
    }
    const readToEnd = async (signal?: AbortSignal): Promise<void> => {
      await until(last, signal)
      const offset = await until(
        insist(() => end),
        signal,
      )
      void reader.fetch()
      await until(reader.reach(offset), signal)
    }
    await readToEnd()
    return {
      append,
      readToEnd,
      async [Symbol.asyncDispose]() {
        readers.delete(wake)
      },
    }
  }

  return {
    opener: (link) => (_parts, apply, patience) => open(link, apply, patience?.['retries'] === '0'),
    compact(offset) {
      const newest = new Map<string, number>()
      for (const one of records) if (one.offset < offset) newest.set(one.key, one.offset)
      records = records.filter((one) => one.offset >= offset || newest.get(one.key) === one.offset)
    },
    get records() {
      return records
    },
    get end() {
      return end
    },
  }
}
