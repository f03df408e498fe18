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

/** One piece of work at a time for each name; those of different names do not wait for each other. */
export type InTurnOf = <T>(name: string, work: () => Promise<T>) => Promise<T>

export function openTurnsOf(): InTurnOf {
  const turns = new Map<string, { readonly inTurn: InTurn; waiting: number }>()
  return async (name, work) => {
    const turn = turns.get(name) ?? { inTurn: openTurns(), waiting: 0 }
    turns.set(name, turn)
    turn.waiting++
    try {
      return await turn.inTurn(work)
    } finally {
      if (--turn.waiting === 0) turns.delete(name)
    }
  }
}
