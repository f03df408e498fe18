/** Says how many records may be handed out now. */
export interface Rate {
  /** At least 1 when `delay` is 0. */
  available(): number
  /** Takes so many of what is available. */
  take(records: number): void
  /** Whole milliseconds until records are available again. */
  delay(): number
}

/** What is saved up when nothing is taken, and what is waited for at least: short enough to be smooth, long enough not to wake for each record. */
const SAVED_SECONDS = 0.25
const WAITED_SECONDS = 0.05

const UNLIMITED: Rate = {
  available: () => Number.POSITIVE_INFINITY,
  take() {},
  delay: () => 0,
}

/** At most `perSecond` records each second; 0: no limit. */
export function openRate(perSecond: number, now: () => number = () => performance.now()): Rate {
  if (perSecond === 0) return UNLIMITED
  const most = Math.max(1, perSecond * SAVED_SECONDS)
  const least = Math.max(1, perSecond * WAITED_SECONDS)
  let saved = least
  let countedAt = now()

  const count = (): void => {
    const time = now()
    saved = Math.min(most, saved + ((time - countedAt) / 1000) * perSecond)
    countedAt = time
  }
  return {
    available() {
      count()
      return saved < 1 ? 0 : Math.floor(saved)
    },
    take(records) {
      saved -= records
    },
    delay() {
      count()
      return saved >= 1 ? 0 : Math.ceil(((least - saved) / perSecond) * 1000)
    },
  }
}
