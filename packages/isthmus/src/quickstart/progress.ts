/** Where the words go: a terminal, whose last line may be rewritten, or a file or pipe, which gets whole lines. */
export interface Screen {
  readonly terminal: boolean
  write(text: string): void
}

export interface Progress {
  /** The state of a work that goes on. On a terminal it replaces the one before. */
  update(done: number, total: number, now: number): void
  /** A line that stays. */
  say(line: string): void
}

const PLAIN_EVERY_MS = 1000
const BAR_WIDTH = 30

export const amount = (value: number): string => Math.round(value).toLocaleString('en')

export function openProgress(screen: Screen): Progress {
  let rewritable = false
  let shownAt = Number.NEGATIVE_INFINITY
  return {
    update(done, total, now) {
      if (!screen.terminal && now - shownAt < PLAIN_EVERY_MS) return
      shownAt = now
      const line = `  ${amount(done)} of ${amount(total)} lines`
      screen.write(screen.terminal ? `\r\x1b[K${bar(done, total)}${line}` : `${line}\n`)
      rewritable = screen.terminal
    },
    say(line) {
      screen.write(`${rewritable ? '\r\x1b[K' : ''}${line}\n`)
      rewritable = false
    },
  }
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH))
  return `  ${'━'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}`
}
