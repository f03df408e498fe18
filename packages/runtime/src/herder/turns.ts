/** One piece of work at a time, in the order of the calls; a failed one does not hold up the next. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

export function openTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => {})
    return mine
  }
}
