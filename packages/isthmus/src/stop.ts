/** npm passes on a signal that the terminal has already sent to the whole group: one key press arrives twice. */
const SAME_PRESS_MS = 500

/** Aborted by the first SIGINT or SIGTERM; a later one ends the process at once. */
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
  process.on('SIGINT', receive)
  process.on('SIGTERM', receive)
  return controller.signal
}

const LONG_MS = 2 ** 31 - 1

/** Resolves when the signal is aborted, and keeps the process alive until then: an idle worker has nothing else that would. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const alive = setInterval(() => {}, LONG_MS)
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  clearInterval(alive)
}
