import type { LogEntry } from '@isthmus/runtime'
import { openLogLevels, openRest, type Rest } from 'isthmus/testing'

export interface RestAlone extends Rest {
  readonly entries: readonly LogEntry[]
}

/** The REST API of a worker that is still starting: it answers everything with 503. */
export async function openRestAlone(props: { readonly [name: string]: string }): Promise<RestAlone> {
  const entries: LogEntry[] = []
  const log = (entry: LogEntry): void => void entries.push(entry)
  const rest = await openRest({ props, log, levels: openLogLevels({}) })
  return { ...rest, entries }
}
