import { ConnectError } from '@isthmus/sdk'
import { within } from '../waiting.ts'
import type { Herder } from './herder.ts'

/** As long as Java waits for what a request asks for. */
const REQUEST_MS = 90_000

/** The outcome of `work`, or, when that takes too long, an error that says what is waited for. */
const inTime = <T>(work: Promise<T>, activity: () => string | null): Promise<T> =>
  within(work, REQUEST_MS, () => {
    const doing = activity()
    return new ConnectError('timeout', doing === null ? 'Request timed out' : `Request timed out. ${doing}`)
  })

/**
 * A herder whose answers come in time, whatever connector code does: the request is answered with an error then, while what it asked for
 * goes on. `activity` says what a connector is waited for.
 */
export function limited(herder: Herder, activity: (connector: string) => string | null): Herder {
  const of =
    <A extends [string, ...unknown[]], T>(call: (...args: A) => Promise<T>) =>
    (...args: A) =>
      inTime(call(...args), () => activity(args[0]) ?? herder.activity())
  return {
    ...herder,
    put: of(herder.put),
    patch: of(herder.patch),
    delete: of(herder.delete),
    pause: of(herder.pause),
    resume: of(herder.resume),
    stop: of(herder.stop),
    restart: of(herder.restart),
    restartWith: of(herder.restartWith),
    restartTask: of(herder.restartTask),
    offsets: of(herder.offsets),
    alterOffsets: of(herder.alterOffsets),
    resetOffsets: of(herder.resetOffsets),
    validate: (config) => inTime(herder.validate(config), herder.activity),
    pluginConfig: of(herder.pluginConfig),
    rescanPlugins: () => inTime(herder.rescanPlugins(), () => 'The plugins are being scanned.'),
  }
}
