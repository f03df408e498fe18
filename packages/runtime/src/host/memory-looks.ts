/** Whoever is to look at what it holds. */
type Look = () => void

const LOOK_MS = 500
/** Of the process, in MiB: where it has grown by so much, all are to look. */
const GROWTH_MB = 8
/** So often they look anyway: what grows in one place while it shrinks in another cannot be seen from here, nor what is not yet written to. */
const ANYWAY_MS = 5000

const looks = new Set<Look>()
let timer: NodeJS.Timeout | null = null

/**
 * Calls `look` when the memory of the process has grown, and every few seconds anyway, until it is disposed of. To look at a thread wakes it:
 * many that do nothing are left alone.
 */
export function lookWhenMemoryGrows(look: Look): Disposable {
  looks.add(look)
  timer ??= begin()
  return {
    [Symbol.dispose]() {
      looks.delete(look)
      if (looks.size > 0 || timer === null) return
      clearInterval(timer)
      timer = null
    },
  }
}

function begin(): NodeJS.Timeout {
  let least = residentMb()
  let lookedAt = performance.now()
  const started = setInterval(() => {
    const resident = residentMb()
    const now = performance.now()
    least = Math.min(least, resident)
    if (resident < least + GROWTH_MB && now - lookedAt < ANYWAY_MS) return
    least = resident
    lookedAt = now
    for (const look of looks) look()
  }, LOOK_MS)
  return started.unref()
}

const residentMb = (): number => process.memoryUsage.rss() / 2 ** 20
