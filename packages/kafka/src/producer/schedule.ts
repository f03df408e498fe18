/** When a loop looks again: as soon as the running code has returned, or at a time. */
export class Schedule {
  private readonly look: () => void
  private immediate: NodeJS.Immediate | null = null
  private timer: NodeJS.Timeout | null = null
  private timerAt = 0
  private closed = false

  constructor(look: () => void) {
    this.look = look
  }

  /** What the running code does until it returns is looked at together. */
  soon(): void {
    if (this.immediate === null && !this.closed) this.immediate = setImmediate(this.onImmediate)
  }
  private readonly onImmediate = () => {
    this.immediate = null
    this.look()
  }

  /** At `at` at the latest: a timer that fires before is kept. null: nothing is waited for. */
  at(at: number | null, now: number): void {
    if (this.closed || (this.timer !== null && at !== null && this.timerAt <= at && this.timerAt > now))
      return
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    if (at === null) return
    this.timerAt = at
    this.timer = setTimeout(this.onTimer, Math.max(1, at - now))
  }
  private readonly onTimer = () => {
    this.timer = null
    this.look()
  }

  close(): void {
    this.closed = true
    if (this.timer !== null) clearTimeout(this.timer)
    if (this.immediate !== null) clearImmediate(this.immediate)
  }
}
