/** What a worker has printed. It may change at any time: whoever waits for something in it is woken. */
export interface Output {
  text(): string
  add(text: string): void
  /** A process begins to write. */
  begin(): void
  /** No more will come: why is what those who wait are told. */
  end(why: string): void
  /**
   * Settles with the first answer of `find` that is not null, asked now and after every change. Rejects when no more comes, when the time is
   * over, and when `find` throws: with what was waited for, and the last lines.
   */
  until<T>(what: string, withinMs: number, find: (text: string) => T | null): Promise<T>
}

const LAST_LINES = 25
/** What the testkit itself has asked the worker. */
const ASKED = /"GET \/connectors.*\(org\.apache\.kafka\.connect\.runtime\.rest\.RestServer\)$/

export function openOutput(): Output {
  let all = ''
  let ended: string | null = 'no worker runs'
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const one of [...waiting]) one()
  }
  return {
    text: () => all,
    add(text) {
      all += text
      wake()
    },
    begin() {
      ended = null
    },
    end(why) {
      ended = why
      wake()
    },
    until<T>(what: string, withinMs: number, find: (text: string) => T | null) {
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const fail = (why: string): void => reject(new Error(withLastLines(`${why} before ${what}`, all)))
      const look = (): void => {
        try {
          const found = find(all)
          if (found !== null) resolve(found)
          else if (ended !== null) fail(ended)
        } catch (error) {
          reject(error)
        }
      }
      const timer = setTimeout(() => fail(`${withinMs} ms went by`), withinMs)
      waiting.add(look)
      look()
      return promise.finally(() => {
        clearTimeout(timer)
        waiting.delete(look)
      })
    },
  }
}

/** A message that ends with the last lines of the worker's log. */
export function withLastLines(message: string, log: string): string {
  const lines = log
    .trimEnd()
    .split('\n')
    .filter((line) => !ASKED.test(line))
    .slice(-LAST_LINES)
  return `${message}. The worker's last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
