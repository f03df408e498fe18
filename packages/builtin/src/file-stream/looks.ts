/** How soon it is seen that a file has appeared or grown, where nothing tells of it: Java's task looks as often. */
const LOOK_MS = 1000

const looks = new Set<() => void>()
let timer: NodeJS.Timeout | null = null

/**
 * Calls `look` every second, until it is disposed of. All of a thread are called in one go, and are to look at once: a hundred tasks that wait
 * for their files wake their threads once a second, and no others.
 */
export function everySecond(look: () => void): Disposable {
  looks.add(look)
  timer ??= setInterval(() => {
    for (const one of looks) one()
  }, LOOK_MS)
  return {
    [Symbol.dispose]() {
      looks.delete(look)
      if (looks.size > 0 || timer === null) return
      clearInterval(timer)
      timer = null
    },
  }
}
