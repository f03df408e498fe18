/** npm passes on a signal that the terminal has already sent to the whole group: one key press arrives twice. */
const SAME_PRESS_MS = 500
const PARENT_EVERY_MS = 250

/**
 * Aborted by the first signal that asks for the end; a later one ends the process at once. A hangup asks for it too, as in Java, unless
 * the process was started to outlive its terminal (`ISTHMUS_NOHUP`): Node.js does not leave it ignored as nohup has set it.
 */
export function stopSignal(force: () => void = () => process.exit(130)): AbortSignal {
  const controller = new AbortController()
  let first = 0
  const receive = (signal: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      first = performance.now()
      controller.abort(signal)
    } else if (performance.now() - first > SAME_PRESS_MS) {
      force()
    }
  }
  const asking: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGPIPE']
  for (const signal of asking) process.on(signal, receive)
  process.on('SIGHUP', process.env['ISTHMUS_NOHUP'] ? () => {} : receive)
  if (process.env['npm_lifecycle_event'] !== undefined) onceAlone(() => controller.abort('SIGTERM'))
  return controller.signal
}

/** npm runs a script in a shell and passes SIGTERM on to that shell, which ends and says nothing to what it runs. */
function onceAlone(stop: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    stop()
  }, PARENT_EVERY_MS)
  timer.unref()
}

const LONG_MS = 2 ** 31 - 1

/**
 * Resolves when the signal is aborted, and keeps the process alive until then: an idle worker has nothing else that would. Rejects with
 * what fails the worker before that.
 */
export async function aborted(signal: AbortSignal, ...failures: readonly Promise<never>[]): Promise<void> {
  if (signal.aborted) return
  const alive = setInterval(() => {}, LONG_MS)
  const asked = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  try {
    await Promise.race([asked, ...failures])
  } finally {
    // or a worker that has failed would never end
    clearInterval(alive)
  }
}

/** Rejects with an error that nobody has caught: what runs is stopped in order before the process ends. */
export function uncaught(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  process.on('uncaughtException', reject)
  process.on('unhandledRejection', reject)
  return promise
}
