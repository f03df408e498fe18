import { isDeepStrictEqual } from 'node:util'
import type { ConnectorContext } from '../connector.ts'
import { codeOf } from '../errors.ts'

/** What a connector goes by, such as the tables that there are, as it was seen last. To be disposed of with the connector. */
export interface Watch<T> extends AsyncDisposable {
  /**
   * What was seen last, for `taskConfigs` to go by: then no change is missed between that and the next look. Where nothing was seen yet it
   * is looked for, and what that throws comes out here.
   */
  latest(): Promise<T>
}

/**
 * Has the tasks configured anew whenever `look` answers something else than before (compared deeply), of a connector whose work is split by
 * what its source has. `look` is called every `intervalMs`, one call at a time, until the watch is disposed of or the signal of the context
 * aborts; its signal aborts then too, and the disposal waits for it. A `retriable` error of `look` is logged, and what was seen before still
 * counts; any other fails the connector.
 *
 * ```ts
 * connector(config, context) {
 *   const tables = watchForChanges(context, { intervalMs: 60_000 }, (signal) => listTables(config, signal))
 *   return {
 *     taskConfigs: async (maxTasks) => split(await tables.latest(), maxTasks),
 *     [Symbol.asyncDispose]: () => tables[Symbol.asyncDispose](),
 *   }
 * }
 * ```
 */
export function watchForChanges<T>(
  context: Pick<ConnectorContext, 'clock' | 'log' | 'signal' | 'requestTaskReconfiguration' | 'raiseError'>,
  { intervalMs }: { readonly intervalMs: number },
  look: (signal: AbortSignal) => Promise<T>,
): Watch<T> {
  const { clock, log } = context
  const disposed = new AbortController()
  const signal = AbortSignal.any([context.signal, disposed.signal])
  let seen: { readonly value: T } | null = null
  let looking: Promise<T> | null = null

  /** One call at a time, whoever asks. */
  const lookOnce = (): Promise<T> => {
    looking ??= (async () => look(signal))().finally(() => {
      looking = null
    })
    return looking
  }

  const first = async (): Promise<T> => {
    const value = await lookOnce()
    seen ??= { value }
    return seen.value
  }

  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.wait(intervalMs, signal)
      try {
        if (seen === null) {
          await first()
          continue
        }
        const value = await lookOnce()
        if (signal.aborted || isDeepStrictEqual(value, seen.value)) continue
        seen = { value }
        context.requestTaskReconfiguration()
      } catch (error) {
        if (signal.aborted) return
        if (codeOf(error) !== 'retriable') throw error
        log.warn(
          'Could not look for changes; what was seen before still counts until the next attempt',
          error,
        )
      }
    }
  }
  const watching = watch().catch((error) => {
    if (!signal.aborted) context.raiseError(error)
  })

  return {
    latest: async () => (seen === null ? first() : seen.value),
    async [Symbol.asyncDispose]() {
      disposed.abort()
      await watching
      await looking?.catch(() => {})
    },
  }
}
